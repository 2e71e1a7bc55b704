// runtime/tensor_map_driver.h -- the driver's numbers for what a recipe of a tensor map says.
#pragma once

#include "runtime/type.h"

namespace heddle {

/// CUtensorMapDataType.
int tensor_map_type_number(ScalarType type);
/// CUtensorMapSwizzle of rows of 0, 32, 64 or 128 bytes.
constexpr int tensor_map_swizzle_number(int bytes) { return bytes == 128 ? 3 : bytes / 32; }
/// No CUtensorMapInterleave; CUtensorMapL2promotion of 256 B; elements outside are zeros.
inline constexpr int tensor_map_no_interleave = 0, tensor_map_l2_promotion = 3, tensor_map_fill = 0;

}  // namespace heddle
