// codegen/shared_layout.h -- where the elements of a tile in a CUDA block's shared memory lie.
#pragma once

#include <cstdint>
#include <vector>

#include "schedules/loop_nest.h"

namespace heddle {

/// Where the elements of a tile in shared memory lie. Dimensions that stay put while a multiply runs (`outside`, taps)
/// are outermost; then, where the last dimension is wider than the swizzle, its blocks; then the rows.
Layout shared_layout(const CacheIn& cache, const std::vector<std::int64_t>& shape, const std::vector<bool>& outside);

/// Tensor cores take rows of 16 bytes: a loop of fewer elements makes none.
bool shorter_than_a_row(const Loop& loop, ScalarType type);

}  // namespace heddle
