// dsl/integer.h -- integer arithmetic as the contract of expressions states it: wrapping, flooring, total.
#pragma once

#include <cstdint>

#include "dsl/expr.h"

namespace heddle {

/// The quotient rounded down; 0 for a divisor of 0.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    if (b == 0) return 0;
    if (b == -1) return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a));
    const std::int64_t quotient = a / b;
    return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}
/// a - floor_div(a, b) * b, with the sign of the divisor; 0 for a divisor of 0.
constexpr std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
    if (b == 0 || b == -1) return 0;
    const std::int64_t remainder = a % b;
    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}
/// The value modulo 2^bits of an integer type, in the type's range; of boolean: 1 unless the value is 0.
std::int64_t wrap(std::int64_t value, ScalarType type);
/// `a op b` for operands of an integer type, wrapped to it; comparisons and logic give 0 or 1. No `pow`.
std::int64_t apply(BinaryOp op, std::int64_t a, std::int64_t b, ScalarType type);

}  // namespace heddle
