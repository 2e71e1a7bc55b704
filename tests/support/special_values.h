// tests/support/special_values.h -- values at which arithmetic of a type has its corners.
#pragma once

#include <vector>

#include "runtime/buffer.h"

namespace heddle::test {

inline constexpr ScalarType all_types[] = {f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, boolean};
inline constexpr ScalarType number_types[] = {f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64};  ///< all but bool
inline constexpr ScalarType float_types[] = {f16, bf16, f32, f64};

/// Zeros, ones, ends of ranges, halves, infinities and NaN of a type, as far as it has them.
std::vector<double> special_values(ScalarType type);
/// A buffer of one dimension with them.
Buffer special_buffer(ScalarType type);

}  // namespace heddle::test
