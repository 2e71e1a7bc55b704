// tests/support/random_schedule.h -- legal schedules drawn at random, for sweeps.
#pragma once

#include <cstdint>

#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle::test {

/// A random number in [0, limit).
std::int64_t random_below(std::uint64_t& state, std::int64_t limit);

/// Directives of the table with random arguments, tried one by one and kept while the nest is legal. Tails that promise
/// a multiple (round_up) are left out. The same state gives the same schedule.
Schedule random_schedule(const Pipeline& pipeline, const Target& target, std::uint64_t& state, int tries = 24);
/// One choice of tuning_space().
Schedule sampled_schedule(const Pipeline& pipeline, const Target& target, std::uint64_t& state);

}  // namespace heddle::test
