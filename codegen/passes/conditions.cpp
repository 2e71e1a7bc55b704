// codegen/passes/conditions.cpp -- conjunctions of affine tests: taking them apart and putting them together.
#include "codegen/passes/conditions.h"

#include "dsl/simplify.h"
#include "dsl/visit.h"

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

std::optional<Linear> at_least_zero(const Expr& term) {
    const auto* test = term.as<Binary>();
    if (!test || (test->op != BinaryOp::le && test->op != BinaryOp::lt) || test->a.type() != ScalarType::i64)
        return std::nullopt;
    Linear difference = linear_of(test->b) - linear_of(test->a);
    if (difference.overflow) return std::nullopt;
    if (test->op == BinaryOp::lt) difference.constant -= 1;
    return difference;
}

Expr in_parts(const Expr& term) {
    bool divides = false;
    for_each_node(term, [&](const Expr& e) {
        const auto* operation = e.as<Binary>();
        divides = divides || (operation && (operation->op == BinaryOp::div || operation->op == BinaryOp::mod));
    });
    return divides ? simplify(term) : term;
}

std::optional<std::int64_t> factor_of(const Linear& sum, const Symbol& variable) {
    std::int64_t factor = 0;
    for (const LinearTerm& term : sum.terms) {
        const auto* plain = term.product.as<Variable>();
        if (plain && plain->symbol == variable)
            factor = term.factor;
        else if (uses(term.product, variable))
            return std::nullopt;
    }
    return factor;
}

}  // namespace heddle
