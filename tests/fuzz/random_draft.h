// tests/fuzz/random_draft.h -- programs drawn at random, whose values are whole numbers that no type rounds.
#pragma once

#include <cstdint>

#include "tests/fuzz/draft.h"

namespace heddle::fuzz {

/// Gathers, scatters, reductions, stencils with every boundary, data-dependent reads, one to three stages, all types.
/// Sums stay small enough that their order does not matter. `in_double`: floats are f64, and nothing is an integer but
/// indices, so that gradients exist. The same state gives the same draft.
Draft random_draft(std::uint64_t& state, bool in_double = false);

}  // namespace heddle::fuzz
