// tools/saved_results.h -- data for a gradient that is given results of its forward.
#pragma once

#include "tools/problem.h"

namespace heddle::tools {

/// Buffers for all inputs of the gradient: its forward is run, compiled for this machine, on inputs made as for any
/// problem; files given for a saved result come before what the forward gives.
NamedBuffers make_saved_inputs(const Problem& problem, std::uint64_t seed, bool integers);

}  // namespace heddle::tools
