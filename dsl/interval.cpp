// dsl/interval.cpp -- ranges of integer expressions, and proofs from them.
#include "dsl/interval.h"

#include "dsl/bounds.h"
#include "dsl/definition.h"
#include "dsl/interval_arithmetic.h"
#include "dsl/simplify.h"

namespace heddle {
namespace {

constexpr int deepest = 12;

Interval of_truth(std::optional<bool> value) { return value ? point(*value) : Interval{0, 1}; }

bool is_comparison(BinaryOp op) {
    return op == BinaryOp::eq || op == BinaryOp::ne || op == BinaryOp::lt || op == BinaryOp::le;
}

/// a == b, a < b, ... for all values, for none, or neither.
std::optional<bool> compare_intervals(BinaryOp op, const Interval& a, const Interval& b) {
    if (is_empty(a) || is_empty(b)) return std::nullopt;
    const bool apart = a.max < b.min || b.max < a.min, one = a.min == a.max && a == b;
    switch (op) {
        case BinaryOp::eq:
            return one ? std::optional(true) : apart ? std::optional(false) : std::nullopt;
        case BinaryOp::ne:
            return one ? std::optional(false) : apart ? std::optional(true) : std::nullopt;
        case BinaryOp::lt:
            return a.max < b.min ? std::optional(true) : a.min >= b.max ? std::optional(false) : std::nullopt;
        case BinaryOp::le:
            return a.max <= b.min ? std::optional(true) : a.min > b.max ? std::optional(false) : std::nullopt;
        default:
            return std::nullopt;
    }
}

/// The interval of a result, or its type's range when the exact result may not fit and wraps.
Interval wrapped(const Interval& exact, ScalarType type) {
    const Interval range = range_of_type(type);
    return contains(range, exact) ? exact : range;
}

}  // namespace

SymbolicRange range_of_extent(const Expr& extent) { return {Expr(0), simplify(extent - 1)}; }

Interval interval_of(const Expr& e, const Ranges& ranges) { return Bounds(ranges).interval(simplify(e, ranges)); }

std::optional<bool> prove(const Expr& condition, const Ranges& ranges) {
    const Expr simple = simplify(condition, ranges);
    if (const IntImm* literal = simple.as<IntImm>()) return literal->value != 0;
    return std::nullopt;
}

Interval Bounds::interval(const Expr& e) {
    if (const IntImm* literal = e.as<IntImm>()) {
        // The extreme values stand for infinity: a literal of one gets a finite end on its other side.
        constexpr std::int64_t low = Interval::minus_infinity, high = Interval::plus_infinity;
        return {std::min(literal->value, high - 1), std::max(literal->value, low + 1)};
    }
    if (is_float(e.type())) return {};
    if (const auto known = intervals_.find(e.get()); known != intervals_.end()) return known->second.second;
    if (depth_ >= deepest) return range_of_type(e.type());
    if (depth_ == 0) steps_ = most_steps;
    ++depth_;
    const Interval result = compute_interval(e);
    --depth_;
    // What a search found that had used up its steps or its facts may be found better later.
    if (steps_ >= 0 && used_facts_ == 0) intervals_.emplace(e.get(), std::pair(e, result));
    return result;
}

Interval Bounds::interval_of_sum(const Linear& sum) {
    const std::int64_t min = lower(sum, Interval::plus_infinity);
    return {min, (-point(lower(sum * -1, Interval::plus_infinity))).max};
}

Interval Bounds::interval_of_terms(const Linear& sum) {
    Interval result = point(sum.constant);
    for (const LinearTerm& term : sum.terms) {
        Interval product = point(term.factor);
        for (const Expr& atom : atoms_of(term.product)) product = product * interval(atom);
        result = result + product;
    }
    return result;
}

Interval Bounds::interval_of_symbol(const Symbol& symbol) {
    const Ends ends = ends_of(symbol);
    Interval result = {symbol.min(), symbol.max()};
    if (ends.min.defined()) result.min = std::max(result.min, interval(ends.min).min);
    if (ends.max.defined()) result.max = std::min(result.max, interval(ends.max).max);
    return result;
}

Interval Bounds::compute_interval(const Expr& e) {
    if (e.type() == boolean) return of_truth(decide(e));
    if (const Variable* node = e.as<Variable>()) {
        const Interval range = interval_of_symbol(node->symbol);
        if (facts_.empty()) return range;
        const Linear value = linear_of(e);
        return {std::max(range.min, by_fact(value, Interval::plus_infinity)),
                std::min(range.max, (-point(by_fact(value * -1, Interval::plus_infinity))).max)};
    }
    if (const Read* node = e.as<Read>())
        return intersection_of(range_of_type(node->tensor->type), range_of_type(e.type()));
    if (const Unary* node = e.as<Unary>()) {
        const Interval operand = interval(node->operand);
        if (node->op == UnaryOp::negate)
            return e.type() == i64 ? interval_of_sum(linear_of(e)) : wrapped(-operand, e.type());
        if (node->op == UnaryOp::abs) {
            const Interval larger = union_of(operand, -operand);
            const bool signs_differ = operand.min < 0 && operand.max > 0;
            return wrapped({signs_differ ? 0 : std::max(operand.min, (-operand).min), larger.max}, e.type());
        }
    }
    if (const Binary* node = e.as<Binary>()) return interval_of_binary(*node);
    if (const Select* node = e.as<Select>()) {
        const std::optional<bool> known = decide(node->condition);
        if (known) return interval(*known ? node->when_true : node->when_false);
        return union_of(interval(node->when_true), interval(node->when_false));
    }
    if (const Cast* node = e.as<Cast>()) {
        const ScalarType from = node->operand.type();
        return is_float(from) ? range_of_type(node->to) : wrapped(interval(node->operand), node->to);
    }
    if (const DataIndex* node = e.as<DataIndex>()) return {0, (interval(node->extent) + point(-1)).max};
    if (const StopGradient* node = e.as<StopGradient>()) return interval(node->operand);
    if (const PrintWhen* node = e.as<PrintWhen>()) return interval(node->value);
    return range_of_type(e.type());
}

Interval Bounds::interval_of_binary(const Binary& node) {
    const bool is_sum = node.op == BinaryOp::add || node.op == BinaryOp::sub || node.op == BinaryOp::mul;
    if (is_sum && node.type == i64) {
        const Linear a = linear_of(node.a), b = linear_of(node.b);
        const Linear sum = node.op == BinaryOp::add ? a + b : node.op == BinaryOp::sub ? a - b : a * b;
        return interval_of_sum(sum);
    }
    const Interval a = interval(node.a), b = interval(node.b);
    switch (node.op) {
        case BinaryOp::add:
            return wrapped(a + b, node.type);
        case BinaryOp::sub:
            return wrapped(a + -b, node.type);
        case BinaryOp::mul:
            return wrapped(a * b, node.type);
        case BinaryOp::div:
            return wrapped(quotient_of(a, b), node.type);
        case BinaryOp::mod:
            return modulo_of(a, b);
        case BinaryOp::min:
            return {std::min(a.min, b.min), std::min(a.max, b.max)};
        case BinaryOp::max:
            return {std::max(a.min, b.min), std::max(a.max, b.max)};
        default:
            return range_of_type(node.type);
    }
}

bool Bounds::holds(const Expr& condition) {
    const Binary* node = condition.as<Binary>();
    if (node && node->op == BinaryOp::logical_and) return holds(node->a) && holds(node->b);
    if (node && node->a.type() == i64 && (node->op == BinaryOp::lt || node->op == BinaryOp::le)) {
        const Linear ahead = linear_of(node->b) - linear_of(node->a);
        return at_least_zero(node->op == BinaryOp::le ? ahead : ahead - Linear{{}, 1, false});
    }
    return decide(condition) == true;
}

std::optional<bool> Bounds::decide(const Expr& condition) {
    if (const IntImm* literal = condition.as<IntImm>()) return literal->value != 0;
    if (const Unary* node = condition.as<Unary>(); node && node->op == UnaryOp::logical_not) {
        const std::optional<bool> operand = decide(node->operand);
        return operand ? std::optional(!*operand) : std::nullopt;
    }
    if (const Select* node = condition.as<Select>()) {
        const std::optional<bool> a = decide(node->when_true), b = decide(node->when_false);
        return a == b ? a : std::nullopt;
    }
    const Binary* node = condition.as<Binary>();
    if (!node) return std::nullopt;
    if (is_comparison(node->op)) return decide_comparison(*node);
    if (node->op != BinaryOp::logical_and && node->op != BinaryOp::logical_or) return std::nullopt;
    const bool deciding = node->op == BinaryOp::logical_or;  // one operand of this value settles it
    const std::optional<bool> a = decide(node->a);
    if (a == deciding) return a;
    const std::optional<bool> b = decide(node->b);
    return b == deciding || a == b ? b : std::nullopt;
}

std::optional<bool> Bounds::decide_comparison(const Binary& node) {
    const ScalarType type = node.a.type();
    if (is_float(type)) return std::nullopt;
    if (type != i64) return compare_intervals(node.op, interval(node.a), interval(node.b));
    const Linear ahead = linear_of(node.b) - linear_of(node.a), one = {{}, 1, false};
    if (ahead.overflow) return std::nullopt;
    const auto positive = [&](const Linear& sum) { return at_least_zero(sum - one); };
    switch (node.op) {
        case BinaryOp::lt:
            if (positive(ahead)) return true;
            return at_least_zero(ahead * -1) ? std::optional(false) : std::nullopt;
        case BinaryOp::le:
            if (at_least_zero(ahead)) return true;
            return positive(ahead * -1) ? std::optional(false) : std::nullopt;
        default:
            break;
    }
    std::optional<bool> same;
    const std::int64_t common = common_factor(ahead);
    if (common > 1 && ahead.constant % common != 0)
        same = false;
    else if (positive(ahead) || positive(ahead * -1))
        same = false;
    else if (at_least_zero(ahead) && at_least_zero(ahead * -1))
        same = true;
    if (!same) return std::nullopt;
    return node.op == BinaryOp::eq ? *same : !*same;
}

}  // namespace heddle
