// dsl/interval_arithmetic.h -- arithmetic of intervals of whole numbers, unbounded ends included.
#pragma once

#include "dsl/interval.h"

namespace heddle {

/// Sums and products of numbers that may be infinite; what does not fit is infinite.
std::int64_t saturating_add(std::int64_t a, std::int64_t b);
std::int64_t saturating_mul(std::int64_t a, std::int64_t b);

inline Interval point(std::int64_t value) { return {value, value}; }
inline bool is_empty(const Interval& a) { return a.min > a.max; }
bool contains(const Interval& outer, const Interval& inner);
Interval union_of(const Interval& a, const Interval& b);
Interval intersection_of(const Interval& a, const Interval& b);
/// The values of an integer type or of boolean.
Interval range_of_type(ScalarType type);

Interval operator+(const Interval& a, const Interval& b);
Interval operator-(const Interval& a);
Interval operator*(const Interval& a, const Interval& b);
/// Of floor-division and modulo, a divisor of 0 (whose result is 0) included.
Interval quotient_of(const Interval& a, const Interval& divisor);
Interval modulo_of(const Interval& a, const Interval& divisor);

}  // namespace heddle
