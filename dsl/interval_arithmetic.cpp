// dsl/interval_arithmetic.cpp -- arithmetic of intervals of whole numbers, unbounded ends included.
#include "dsl/interval_arithmetic.h"

#include <algorithm>
#include <array>

#include "dsl/integer.h"

namespace heddle {
namespace {

constexpr std::int64_t plus_infinity = Interval::plus_infinity, minus_infinity = Interval::minus_infinity;

bool is_infinite(std::int64_t value) { return value == plus_infinity || value == minus_infinity; }

std::int64_t saturating_negate(std::int64_t value) {
    return value == minus_infinity ? plus_infinity : value == plus_infinity ? minus_infinity : -value;
}

std::int64_t saturating_div(std::int64_t a, std::int64_t divisor) {
    if (is_infinite(a)) return divisor > 0 ? a : saturating_negate(a);
    if (is_infinite(divisor)) return a != 0 && (a < 0) != (divisor < 0) ? -1 : 0;
    return floor_div(a, divisor);
}

template <std::size_t Count>
Interval hull(const std::array<std::int64_t, Count>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return {*low, *high};
}

/// By divisors that are all positive or all negative.
Interval quotient_of_one_sign(const Interval& a, const Interval& divisor) {
    return hull<4>({saturating_div(a.min, divisor.min), saturating_div(a.min, divisor.max),
                    saturating_div(a.max, divisor.min), saturating_div(a.max, divisor.max)});
}

}  // namespace

std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
    if (is_infinite(a)) return a;
    if (is_infinite(b)) return b;
    std::int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? minus_infinity : plus_infinity) : sum;
}

std::int64_t saturating_mul(std::int64_t a, std::int64_t b) {
    if (a == 0 || b == 0) return 0;
    std::int64_t product;
    const bool overflows = is_infinite(a) || is_infinite(b) || __builtin_mul_overflow(a, b, &product);
    return overflows ? ((a < 0) != (b < 0) ? minus_infinity : plus_infinity) : product;
}

bool contains(const Interval& outer, const Interval& inner) { return outer.min <= inner.min && inner.max <= outer.max; }
Interval union_of(const Interval& a, const Interval& b) {
    return is_empty(a) ? b : is_empty(b) ? a : Interval{std::min(a.min, b.min), std::max(a.max, b.max)};
}
Interval intersection_of(const Interval& a, const Interval& b) {
    return {std::max(a.min, b.min), std::min(a.max, b.max)};
}

Interval range_of_type(ScalarType type) {
    switch (type) {
        case ScalarType::boolean:
            return {0, 1};
        case ScalarType::i8:
            return {-128, 127};
        case ScalarType::u8:
            return {0, 255};
        case ScalarType::i16:
            return {-32768, 32767};
        case ScalarType::u16:
            return {0, 65535};
        case ScalarType::i32:
            return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
        default:
            return {};
    }
}

Interval operator+(const Interval& a, const Interval& b) {
    return {saturating_add(a.min, b.min), saturating_add(a.max, b.max)};
}

Interval operator-(const Interval& a) { return {saturating_negate(a.max), saturating_negate(a.min)}; }

Interval operator*(const Interval& a, const Interval& b) {
    return hull<4>({saturating_mul(a.min, b.min), saturating_mul(a.min, b.max), saturating_mul(a.max, b.min),
                    saturating_mul(a.max, b.max)});
}

Interval quotient_of(const Interval& a, const Interval& divisor) {
    Interval result = {1, 0};
    if (contains(divisor, point(0))) result = point(0);
    const Interval above = intersection_of(divisor, {1, plus_infinity});
    const Interval below = intersection_of(divisor, {minus_infinity, -1});
    if (!is_empty(above)) result = union_of(result, quotient_of_one_sign(a, above));
    if (!is_empty(below)) result = union_of(result, quotient_of_one_sign(a, below));
    return result;
}

Interval modulo_of(const Interval& a, const Interval& divisor) {
    if (divisor.min == divisor.max && divisor.min > 0 && !is_infinite(a.min) && !is_infinite(a.max) &&
        floor_div(a.min, divisor.min) == floor_div(a.max, divisor.min))
        return {floor_mod(a.min, divisor.min), floor_mod(a.max, divisor.min)};
    if (a.min >= 0 && a.max < divisor.min) return a;
    Interval result = {std::min<std::int64_t>(0, saturating_add(divisor.min, 1)),
                       std::max<std::int64_t>(0, saturating_add(divisor.max, -1))};
    if (a.min >= 0 && divisor.min >= 0) result.max = std::min(result.max, a.max);
    return result;
}

}  // namespace heddle
