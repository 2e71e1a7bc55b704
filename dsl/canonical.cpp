// dsl/canonical.cpp -- sums, quotients and comparisons of i64 in canonical form.
#include "dsl/canonical.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "dsl/integer.h"
#include "dsl/linear.h"

namespace heddle {
namespace {

Expr keep_if_equal(const Expr& old, const Expr& changed) { return equal(old, changed) ? old : changed; }

const Binary* as_op(const Expr& e, BinaryOp op) {
    const Binary* node = e.as<Binary>();
    return node && node->op == op ? node : nullptr;
}

/// Place of a term with this product and factor; the number of terms when there is none.
std::size_t find_term(const Linear& sum, const Linear& wanted) {
    if (wanted.overflow || wanted.terms.size() != 1 || wanted.constant != 0) return sum.terms.size();
    const auto same = [&](const LinearTerm& term) {
        return term.factor == wanted.terms[0].factor && equal(term.product, wanted.terms[0].product);
    };
    return static_cast<std::size_t>(std::find_if(sum.terms.begin(), sum.terms.end(), same) - sum.terms.begin());
}

/// Joins one pair `f*(x % c)`, `f*c*(x / c)` to `f*x`, or `f*(x % c)`, `f*c*((x / c) % d)` to `f*(x % (c*d))`.
bool join_remainder(Linear& sum) {
    for (std::size_t i = 0; i < sum.terms.size(); ++i) {
        const Binary* remainder = as_op(sum.terms[i].product, BinaryOp::mod);
        if (!remainder) continue;
        const std::int64_t factor = sum.terms[i].factor;
        const auto replace = [&](std::size_t other, const Linear& joined) {
            sum.terms.erase(sum.terms.begin() + static_cast<std::ptrdiff_t>(std::max(i, other)));
            sum.terms.erase(sum.terms.begin() + static_cast<std::ptrdiff_t>(std::min(i, other)));
            sum = sum + joined * factor;
            return true;
        };
        const Expr quotient = remainder->a / remainder->b;
        const Expr dividend = remainder->a;
        const std::size_t whole = find_term(sum, linear_of(quotient * remainder->b) * factor);
        if (whole < sum.terms.size()) return replace(whole, linear_of(dividend));
        const IntImm* inner = remainder->b.as<IntImm>();
        if (!inner || inner->value <= 0) continue;
        for (std::size_t j = 0; j < sum.terms.size(); ++j) {
            const Binary* digit = as_op(sum.terms[j].product, BinaryOp::mod);
            const IntImm* outer = digit ? digit->b.as<IntImm>() : nullptr;
            std::int64_t scaled, both;
            if (!outer || outer->value <= 0 || !equal(digit->a, quotient) ||
                __builtin_mul_overflow(factor, inner->value, &scaled) || scaled != sum.terms[j].factor ||
                __builtin_mul_overflow(inner->value, outer->value, &both))
                continue;
            return replace(j, linear_of(dividend % Expr(both)));
        }
    }
    return false;
}

/// {multiples, remainder} with sum = divisor * multiples + remainder: whole terms, and the constant rounded down.
std::pair<Linear, Linear> take_multiples(const Linear& sum, std::int64_t divisor) {
    Linear multiples, remainder;
    for (const LinearTerm& term : sum.terms) {
        if (term.factor % divisor == 0)
            multiples.terms.push_back({term.product, term.factor / divisor});
        else
            remainder.terms.push_back(term);
    }
    multiples.constant = floor_div(sum.constant, divisor);
    remainder.constant = floor_mod(sum.constant, divisor);
    return {multiples, remainder};
}

/// The terms that `factor` divides, and the rest with the constant.
std::pair<Linear, Linear> part_by_factor(const Linear& sum, std::int64_t factor) {
    Linear divided, rest;
    for (const LinearTerm& term : sum.terms) (term.factor % factor == 0 ? divided : rest).terms.push_back(term);
    rest.constant = sum.constant;
    return {divided, rest};
}

/// floor(value / divisor) where it is the same for the whole range.
std::optional<std::int64_t> fixed_quotient(const Interval& range, std::int64_t divisor) {
    if (range.min == Interval::minus_infinity || range.max == Interval::plus_infinity) return std::nullopt;
    const std::int64_t quotient = floor_div(range.min, divisor);
    return quotient == floor_div(range.max, divisor) ? std::optional(quotient) : std::nullopt;
}

Linear constant(std::int64_t value) { return {{}, value, false}; }

std::vector<std::int64_t> factors_shared_with(std::int64_t divisor, const Linear& sum) {
    std::vector<std::int64_t> factors;
    for (const LinearTerm& term : sum.terms)
        if (const std::int64_t shared = std::gcd(divisor, term.factor); shared > 1) factors.push_back(shared);
    std::sort(factors.begin(), factors.end(), std::greater<>());
    factors.erase(std::unique(factors.begin(), factors.end()), factors.end());
    return factors;
}

/// `low <= high + constant` with the constant on the side where it is positive, `<` where it saves one.
Expr ordered(const Linear& low, const Linear& high, std::int64_t constant_ahead) {
    if (high.terms.empty()) return to_expr(low) < Expr(apply(BinaryOp::add, constant_ahead, 1, i64));
    if (low.terms.empty()) return Expr(apply(BinaryOp::sub, 0, constant_ahead, i64)) <= to_expr(high);
    if (constant_ahead == -1) return to_expr(low) < to_expr(high);
    if (constant_ahead >= 0) return to_expr(low) <= to_expr(high + constant(constant_ahead));
    return to_expr(low - constant(constant_ahead)) <= to_expr(high);
}

}  // namespace

Expr canonical_sum(const Expr& e) {
    Linear sum = linear_of(e);
    while (!sum.overflow && join_remainder(sum)) {
    }
    return sum.overflow ? e : keep_if_equal(e, to_expr(sum));
}

Expr canonical_quotient(const Binary& node, Bounds& bounds) {
    const IntImm* literal = node.b.as<IntImm>();
    if (!literal || literal->value == Interval::minus_infinity) return {};
    const std::int64_t divisor = literal->value;
    const bool is_div = node.op == BinaryOp::div;
    if (divisor == 0) return 0;
    if (divisor == 1) return is_div ? node.a : Expr(0);
    const Linear sum = linear_of(node.a);
    if (sum.overflow) return {};
    if (divisor < 0) {
        const Expr mirrored = to_expr(sum * -1), size = -divisor;
        return is_div ? mirrored / size : -(mirrored % size);
    }
    const auto [multiples, remainder] = take_multiples(sum, divisor);
    if (!multiples.terms.empty() || multiples.constant != 0) {
        const Expr rest = to_expr(remainder);
        return is_div ? to_expr(multiples) + rest / divisor : rest % divisor;
    }
    for (const std::int64_t shared : factors_shared_with(divisor, sum)) {
        const auto [divided, rest] = part_by_factor(sum, shared);
        const std::optional<std::int64_t> step = fixed_quotient(bounds.interval(to_expr(rest)), shared);
        if (!step) continue;
        const Expr inner = to_expr(divide_exactly(divided, shared) + constant(*step));
        const Expr size = divisor / shared;
        return is_div ? inner / size : shared * (inner % size) + to_expr(rest - constant(*step * shared));
    }
    if (const std::optional<std::int64_t> quotient = fixed_quotient(bounds.interval(node.a), divisor)) {
        const Linear left = sum - constant(*quotient * divisor);
        return is_div ? Expr(*quotient) : to_expr(left);
    }
    return {};
}

Linear slack_of(const Binary& comparison) {
    const Linear ahead = linear_of(comparison.b) - linear_of(comparison.a);
    return comparison.op == BinaryOp::lt ? ahead - constant(1) : ahead;
}

Expr canonical_comparison(const Expr& e) {
    const Binary& node = *e.as<Binary>();
    const bool is_order = node.op == BinaryOp::lt || node.op == BinaryOp::le;
    Linear sum = is_order ? slack_of(node) : linear_of(node.a) - linear_of(node.b);
    if (sum.overflow) return e;
    const std::int64_t common = common_factor(sum);
    if (common == 0) return is_order ? sum.constant >= 0 : (sum.constant == 0) == (node.op == BinaryOp::eq);
    if (!is_order && sum.constant % common != 0) return node.op == BinaryOp::ne;
    const std::int64_t rounded = floor_div(sum.constant, common);
    sum = divide_exactly(sum, common);
    sum.constant = 0;
    Linear positive, negative;
    const bool flip = !is_order && sum.terms[0].factor < 0;
    for (const LinearTerm& term : (flip ? sum * -1 : sum).terms) {
        if (term.factor > 0)
            positive.terms.push_back(term);
        else
            negative.terms.push_back({term.product, -term.factor});
    }
    if (is_order) return keep_if_equal(e, ordered(negative, positive, rounded));
    const Expr right = to_expr(negative + constant(flip ? rounded : -rounded));
    return keep_if_equal(e, binary(node.op, to_expr(positive), right));
}

}  // namespace heddle
