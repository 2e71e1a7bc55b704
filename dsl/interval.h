// dsl/interval.h -- ranges of integer expressions, and proofs from them.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>

#include "dsl/expr.h"

namespace heddle {

/// Integers between min and max, both included; the extreme int64 values stand for no bound. Empty when min > max.
struct Interval {
    static constexpr std::int64_t minus_infinity = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t plus_infinity = std::numeric_limits<std::int64_t>::max();
    std::int64_t min = minus_infinity, max = plus_infinity;
    bool operator==(const Interval&) const = default;
};

/// A symbol's range with symbolic ends: [min, max], both included; either may use parameters and other symbols. An
/// undefined end is no bound.
struct SymbolicRange {
    Expr min, max;
};
using Ranges = std::map<Symbol, SymbolicRange>;
/// [0, extent) as a range.
SymbolicRange range_of_extent(const Expr& extent);

/// Range of an integer or boolean expression (false 0, true 1), each symbol within its range; parameters within
/// theirs; unknown symbols and values read from memory unbounded (within their type).
/// Exact for affine expressions of independent symbols with constant ranges.
Interval interval_of(const Expr& e, const Ranges& ranges);

/// True when a boolean expression certainly holds for all symbols within their ranges, false when it certainly fails
/// for all, nothing when neither is proved. Conjunctions, disjunctions and comparisons of affine expressions are
/// decided by eliminating the symbols at the ends of their (symbolic) ranges.
std::optional<bool> prove(const Expr& condition, const Ranges& ranges);

}  // namespace heddle
