// dsl/bounds.h -- the search behind interval_of and prove, over expressions in canonical form.
#pragma once

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/expr.h"
#include "dsl/interval.h"
#include "dsl/linear.h"

namespace heddle {

/// Bounds of expressions under ranges of symbols and facts (sums known to be at least 0). Expressions need not be
/// canonical, but bounds are tighter when they are. Remembers what it finds.
///
/// A sum is bounded by removing what varies from it, one thing at a time:
///   a symbol in which the sum is monotone, by the end of its range, which may use other symbols;
///   k * (x / c), by x and x - (c - 1), scaled, so that `q - 14 * (q / 14)` becomes a number;
///   x % c by 0, c - 1 and x; min, max and select by their operands;
///   a known fact, subtracted.
/// Each step bounds from the safe side; where several are possible the best result counts.
class Bounds {
public:
    explicit Bounds(const Ranges& ranges) : ranges_(ranges) {}

    /// `sum >= 0` is taken for granted from here on.
    void assume(const Linear& sum);

    Interval interval(const Expr& e);
    /// A lower bound of a sum; the search ends when it reaches `goal`.
    std::int64_t lower(const Linear& sum, std::int64_t goal);
    bool at_least_zero(const Linear& sum) { return lower(sum, 0) >= 0; }
    /// True when a condition certainly holds; cheaper than decide, which looks for both answers.
    bool holds(const Expr& condition);
    /// What is certain of a condition.
    std::optional<bool> decide(const Expr& condition);

private:
    struct Ends {
        Expr min, max;  ///< undefined: unbounded
    };
    const Ends& ends_of(const Symbol& symbol);
    Interval interval_of_sum(const Linear& sum);
    /// Each term by itself, whatever they share.
    Interval interval_of_terms(const Linear& sum);
    /// The terms whose symbols have constant ranges and occur nowhere else, so that interval_of_terms is as good as a
    /// search; and the rest, with the constant.
    std::pair<Linear, Linear> part_settled(const Linear& sum);
    Interval compute_interval(const Expr& e);
    Interval interval_of_symbol(const Symbol& symbol);
    Interval interval_of_binary(const Binary& node);
    std::optional<bool> decide_comparison(const Binary& node);

    std::int64_t search(const Linear& sum, std::int64_t goal);
    std::int64_t by_symbol(const Linear& sum, std::int64_t goal, bool& found);
    std::int64_t by_atom(const Linear& sum, std::int64_t goal);
    std::int64_t by_fact(const Linear& sum, std::int64_t goal);
    /// +1 when `e` does not decrease with the symbol, -1 when it does not increase, 0 when it does not use it.
    std::optional<int> direction(const Expr& e, const Symbol& symbol);
    std::optional<int> direction(const Linear& sum, const Symbol& symbol);

    static constexpr int most_steps = 400;
    const Ranges& ranges_;
    std::vector<Linear> facts_;
    std::map<Symbol, Ends> ends_;
    std::unordered_map<const ExprNode*, std::pair<Expr, Interval>> intervals_;
    int steps_ = 0;            ///< left in the running search
    int depth_ = 0;            ///< nesting of intervals, against ranges that mention each other
    unsigned used_facts_ = 0;  ///< bit per fact
};

}  // namespace heddle
