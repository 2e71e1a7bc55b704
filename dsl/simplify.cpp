// dsl/simplify.cpp -- one walk over an expression that brings every node into canonical form.
#include "dsl/simplify.h"

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dsl/bounds.h"
#include "dsl/canonical.h"
#include "dsl/fold_floats.h"
#include "dsl/interval_arithmetic.h"
#include "dsl/simplify_rules.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr int most_rewrites = 20000;  // of one call; rules shrink what they meet, so this is never reached

bool is_comparison(BinaryOp op) {
    return op == BinaryOp::eq || op == BinaryOp::ne || op == BinaryOp::lt || op == BinaryOp::le;
}

/// A node that canonical_sum takes apart: a sum is brought into form once, at its top.
bool is_sum(const Expr& e) {
    if (e.type() != i64) return false;
    const Binary* node = e.as<Binary>();
    return node && (node->op == BinaryOp::add || node->op == BinaryOp::sub || node->op == BinaryOp::mul);
}

/// Node kind and operation in one number, to find the rules of a node.
int head_of(const Expr& e) {
    if (const Unary* node = e.as<Unary>()) return 100 + static_cast<int>(node->op);
    if (const Binary* node = e.as<Binary>()) return 200 + static_cast<int>(node->op);
    return static_cast<int>(e.kind());
}

const std::vector<const Rule*>& rules_for(const Expr& e) {
    static const std::map<int, std::vector<const Rule*>> by_head = [] {
        std::map<int, std::vector<const Rule*>> result;
        for (const Rule& rule : simplify_rules()) result[head_of(rule.pattern)].push_back(&rule);
        return result;
    }();
    static const std::vector<const Rule*> none;
    const auto found = by_head.find(head_of(e));
    return found == by_head.end() ? none : found->second;
}

/// What is known where an expression is evaluated: the ranges, and the conditions that led there.
struct Scope {
    explicit Scope(const Ranges& ranges) : bounds(ranges) {}
    Bounds bounds;
    std::vector<std::pair<Expr, bool>> conditions;
    std::unordered_map<const ExprNode*, std::pair<Expr, Expr>> done;  ///< node -> {itself, its form}

    void assume(const Expr& condition, bool holds) {
        conditions.emplace_back(condition, holds);
        if (const Unary* node = condition.as<Unary>(); node && node->op == UnaryOp::logical_not)
            return assume(node->operand, !holds);
        const Binary* node = condition.as<Binary>();
        if (!node) return;
        if (node->op == (holds ? BinaryOp::logical_and : BinaryOp::logical_or)) {
            assume(node->a, holds);
            assume(node->b, holds);
        } else if (is_comparison(node->op) && node->a.type() == i64) {
            assume_comparison(*node, holds);
        }
    }

private:
    void assume_comparison(const Binary& node, bool holds) {
        if (node.op == BinaryOp::lt || node.op == BinaryOp::le) {
            const Linear slack = slack_of(node);
            bounds.assume(holds ? slack : slack * -1 - Linear{{}, 1, false});
        } else if ((node.op == BinaryOp::eq) == holds) {
            const Linear difference = linear_of(node.a) - linear_of(node.b);
            bounds.assume(difference);
            bounds.assume(difference * -1);
        }
    }
};

class Simplifier {
public:
    explicit Simplifier(const Ranges& ranges) : ranges_(ranges), scope_(std::make_unique<Scope>(ranges)) {}

    Expr visit(const Expr& e) {
        if (const auto found = scope_->done.find(e.get()); found != scope_->done.end()) return found->second.second;
        const Expr result = finish(visit_operands(e));
        scope_->done.emplace(e.get(), std::pair(e, result));
        scope_->done.emplace(result.get(), std::pair(result, result));
        return result;
    }

private:
    Expr visit_operands(const Expr& e) {
        if (const Select* node = e.as<Select>()) {
            const Expr condition = visit(node->condition);
            if (const IntImm* known = condition.as<IntImm>())
                return visit(known->value ? node->when_true : node->when_false);
            return with_operands(e, {condition, visit_where(condition, true, node->when_true),
                                     visit_where(condition, false, node->when_false)});
        }
        const Binary* node = e.as<Binary>();
        if (node && (node->op == BinaryOp::logical_and || node->op == BinaryOp::logical_or)) {
            const bool conjunction = node->op == BinaryOp::logical_and;
            const Expr first = visit(node->a);
            if (const IntImm* known = first.as<IntImm>())
                return (known->value != 0) == conjunction ? visit(node->b) : first;
            return with_operands(e, {first, visit_where(first, conjunction, node->b)});
        }
        const bool sum = is_sum(e);
        std::vector<Expr> operands = operands_of(e);
        for (Expr& operand : operands) operand = sum && is_sum(operand) ? visit_operands(operand) : visit(operand);
        return with_operands(e, operands);
    }

    /// The form of `e` where the condition holds, or where it does not.
    Expr visit_where(const Expr& condition, bool holds, const Expr& e) {
        if (operands_of(e).empty()) return visit(e);
        auto inner = std::make_unique<Scope>(ranges_);
        for (const auto& [known, value] : scope_->conditions) inner->assume(known, value);
        inner->assume(condition, holds);
        std::swap(scope_, inner);
        const Expr result = visit(e);
        std::swap(scope_, inner);
        return result;
    }

    /// A node whose operands are in canonical form.
    Expr finish(const Expr& e) {
        if (++rewrites_ > most_rewrites) return e;
        const Expr changed = step(e);
        return !changed.defined() || changed.same_as(e) ? e : visit(cast(e.type(), changed));
    }

    /// One rewrite of the node; undefined when there is none.
    Expr step(const Expr& e) {
        switch (e.kind()) {
            case ExprKind::IntImm:
            case ExprKind::FloatImm:
                return {};
            case ExprKind::Variable:
                return step_variable(e);
            case ExprKind::Cast:
                return step_cast(*e.as<Cast>());
            case ExprKind::Unary:
            case ExprKind::Binary:
            case ExprKind::Select:
                break;
            default:
                return {};
        }
        if (e.type() == boolean)
            for (const auto& [condition, holds] : scope_->conditions)
                if (equal(condition, e)) return Expr(holds);
        if (const Expr folded = fold_floats(e); folded.defined()) return folded;
        if (const Binary* node = e.as<Binary>())
            if (const Expr changed = step_binary(e, *node); changed.defined() && !changed.same_as(e)) return changed;
        if (const Unary* node = e.as<Unary>(); node && node->op == UnaryOp::negate && e.type() == i64) {
            const Expr sum = canonical_sum(e);
            if (!sum.same_as(e)) return sum;
        }
        return apply_rules(e);
    }

    Expr step_variable(const Expr& e) {
        const Interval range = scope_->bounds.interval(e);
        return range.min == range.max && range.min != Interval::minus_infinity ? Expr(range.min) : Expr();
    }

    /// Conversions between integer types that change no value.
    Expr step_cast(const Cast& node) {
        if (is_float(node.to) || is_float(node.operand.type())) return {};
        if (!contains(range_of_type(node.to), scope_->bounds.interval(node.operand))) return {};
        if (node.operand.type() == node.type) return node.operand;
        const Cast* inner = node.operand.as<Cast>();
        if (!inner || is_float(inner->operand.type())) return {};
        const bool inner_keeps = contains(range_of_type(inner->to), scope_->bounds.interval(inner->operand));
        return inner_keeps ? cast(node.to, inner->operand) : Expr();
    }

    Expr step_binary(const Expr& e, const Binary& node) {
        const ScalarType type = node.a.type();
        if (is_float(type)) return {};
        if (is_comparison(node.op)) {
            const Expr form = type == i64 ? canonical_comparison(e) : e;
            if (!form.same_as(e)) return form;
            const std::optional<bool> known = scope_->bounds.decide(e);
            return known ? Expr(*known) : Expr();
        }
        if (node.op == BinaryOp::min || node.op == BinaryOp::max) {
            const auto rank = [](const Expr& operand) { return operand.as<IntImm>() ? 1 : 0; };
            const bool swapped =
                rank(node.a) != rank(node.b) ? rank(node.a) > rank(node.b) : compare(node.a, node.b) > 0;
            return swapped ? binary(node.op, node.b, node.a) : Expr();
        }
        if (type != i64) return {};
        if (node.op == BinaryOp::add || node.op == BinaryOp::sub || node.op == BinaryOp::mul) return canonical_sum(e);
        if (node.op == BinaryOp::div || node.op == BinaryOp::mod) return canonical_quotient(node, scope_->bounds);
        return {};
    }

    Expr apply_rules(const Expr& e) {
        Bindings bindings;
        for (const Rule* rule : rules_for(e)) {
            bindings.clear();
            if (!match(rule->pattern, e, bindings) || !have_types(bindings, rule->types)) continue;
            if (rule->condition.defined() && !scope_->bounds.holds(instantiate(rule->condition, bindings))) continue;
            return instantiate(rule->replacement, bindings);
        }
        return {};
    }

    const Ranges& ranges_;
    std::unique_ptr<Scope> scope_;
    int rewrites_ = 0;
};

}  // namespace

Expr simplify(const Expr& e, const Ranges& ranges) { return Simplifier(ranges).visit(e); }

}  // namespace heddle
