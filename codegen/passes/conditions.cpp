// codegen/passes/conditions.cpp -- conjunctions of affine tests: taking them apart and putting them together.
#include "codegen/passes/conditions.h"

namespace heddle {

std::vector<Expr> terms_of(const Expr& condition) {
    if (!condition.defined() || is_const(condition, 1)) return {};
    if (const auto* both = condition.as<Binary>(); both && both->op == BinaryOp::logical_and) {
        std::vector<Expr> terms = terms_of(both->a);
        for (const Expr& term : terms_of(both->b)) terms.push_back(term);
        return terms;
    }
    return {condition};
}

Expr conjunction_of(const std::vector<Expr>& terms) {
    Expr all = Expr(true);
    for (const Expr& term : terms) all = is_const(all, 1) ? term : binary(BinaryOp::logical_and, all, term);
    return all;
}

std::optional<Affine> at_least_zero(const Expr& term) {
    const auto* test = term.as<Binary>();
    if (!test || (test->op != BinaryOp::le && test->op != BinaryOp::lt) || is_float(test->a.type()))
        return std::nullopt;
    const std::optional<Affine> a = affine_of(test->a), b = affine_of(test->b);
    if (!a || !b) return std::nullopt;
    Affine difference = *b + *a * -1;
    if (test->op == BinaryOp::lt) difference.constant -= 1;
    return difference;
}

}  // namespace heddle
