// dsl/derivative_form.cpp -- derivatives as sums of products, with what cancels and what they share taken out.
#include "dsl/derivative_form.h"

#include <algorithm>
#include <cmath>

#include "dsl/adjoint_rules.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool is_zero(const Expr& e) { return e.as<FloatImm>() && e.as<FloatImm>()->value == 0; }

void collect(const Expr& e, bool inverted, DerivativeProduct& product) {
    if (const FloatImm* literal = e.as<FloatImm>(); literal && literal->value != 0) {
        product.coefficient = inverted ? product.coefficient / literal->value : product.coefficient * literal->value;
        return;
    }
    if (const Unary* unary = e.as<Unary>(); unary && unary->op == UnaryOp::negate) {
        product.coefficient = -product.coefficient;
        return collect(unary->operand, inverted, product);
    }
    const Binary* binary = e.as<Binary>();
    if (binary && (binary->op == BinaryOp::mul || binary->op == BinaryOp::div)) {
        collect(binary->a, inverted, product);
        return collect(binary->b, inverted != (binary->op == BinaryOp::div), product);
    }
    (inverted ? product.denominators : product.numerators).push_back(e);
}

/// Takes one factor equal to `e` out; false where there is none.
bool take(std::vector<Expr>& factors, const Expr& e) {
    const auto found = std::find_if(factors.begin(), factors.end(), [&](const Expr& f) { return equal(f, e); });
    if (found == factors.end()) return false;
    factors.erase(found);
    return true;
}

/// A term of a sum; where it is select(condition, value, 0), or select(condition, 0, value), of its value.
struct Term {
    DerivativeProduct product;
    Expr condition;         ///< undefined: always
    bool holds = true;      ///< the value counts where the condition has this value
    bool negative = false;  ///< the sign before a select
    bool shorter = false;   ///< factors cancelled
};

std::size_t factors_in(const Expr& e) {
    DerivativeProduct product;
    collect(e, false, product);
    return product.numerators.size();
}

void append_terms(const Expr& e, bool negative, std::vector<Term>& terms) {
    const Binary* binary = e.as<Binary>();
    if (binary && (binary->op == BinaryOp::add || binary->op == BinaryOp::sub)) {
        append_terms(binary->a, negative, terms);
        return append_terms(binary->b, negative != (binary->op == BinaryOp::sub), terms);
    }
    if (const Unary* unary = e.as<Unary>(); unary && unary->op == UnaryOp::negate)
        return append_terms(unary->operand, !negative, terms);
    Term term;
    const Select* choice = e.as<Select>();
    if (choice && (is_zero(choice->when_false) || is_zero(choice->when_true))) {
        term.condition = choice->condition;
        term.holds = is_zero(choice->when_false);
        term.product = product_of_factors(term.holds ? choice->when_true : choice->when_false);
    } else {
        term.product = product_of_factors(e);
        term.shorter = term.product.numerators.size() < factors_in(e);
    }
    if (negative) term.product.coefficient = -term.product.coefficient;
    terms.push_back(term);
}

Expr expr_of(const Term& term, ScalarType type) {
    if (!term.condition.defined()) return term.product.expr(type);
    DerivativeProduct product = term.product;
    const bool negative = product.coefficient < 0;
    if (negative) product.coefficient = -product.coefficient;
    const Expr value = product.expr(type), zero = Expr::floating(0, type);
    const Expr choice = term.holds ? select(term.condition, value, zero) : select(term.condition, zero, value);
    return negative ? derivative_negated(choice) : choice;
}

}  // namespace

Expr DerivativeProduct::expr(ScalarType type) const {
    Expr result = Expr::floating(coefficient < 0 ? -coefficient : coefficient, type);
    for (const Expr& e : numerators) result = derivative_product(result, e);
    for (const Expr& e : denominators) result = derivative_quotient(result, e);
    return coefficient < 0 ? derivative_negated(result) : result;
}

DerivativeProduct product_of_factors(const Expr& e) {
    DerivativeProduct product;
    collect(e, false, product);
    std::vector<Expr> left;
    for (const Expr& denominator : product.denominators)
        if (!take(product.numerators, denominator)) left.push_back(denominator);
    product.denominators = left;
    return product;
}

Expr factored(const Expr& e) {
    if (!is_float(e.type())) return e;
    std::vector<Term> terms;
    append_terms(e, false, terms);
    if (terms.size() == 1) return terms[0].condition.defined() ? e : expr_of(terms[0], e.type());
    DerivativeProduct common;
    for (const Expr& factor : std::vector<Expr>(terms[0].product.numerators)) {
        const bool shared = std::all_of(terms.begin(), terms.end(), [&](const Term& t) {
            return std::any_of(t.product.numerators.begin(), t.product.numerators.end(),
                               [&](const Expr& f) { return equal(f, factor); });
        });
        if (!shared) continue;
        for (Term& t : terms) take(t.product.numerators, factor);
        common.numerators.push_back(factor);
    }
    // What is guarded everywhere stays guarded.
    const bool guarded = std::all_of(terms.begin(), terms.end(), [](const Term& t) { return t.condition.defined(); });
    const bool shorter = std::any_of(terms.begin(), terms.end(), [](const Term& t) { return t.shorter; });
    if ((common.numerators.empty() && !shorter) || guarded) return e;
    const double size = std::abs(terms[0].product.coefficient);
    if (!common.numerators.empty() && std::all_of(terms.begin(), terms.end(), [&](const Term& t) {
            return std::abs(t.product.coefficient) == size;
        })) {
        common.coefficient = size;
        for (Term& t : terms) t.product.coefficient /= size;
    }
    Expr sum = expr_of(terms[0], e.type());
    for (std::size_t i = 1; i < terms.size(); ++i) sum = derivative_sum(sum, expr_of(terms[i], e.type()));
    return derivative_product(sum, common.expr(e.type()));
}

bool is_cheap(const Expr& e) {
    int nodes = 0;
    bool cheap = true;
    for_each_node(e, [&](const Expr& node) {
        if (node.type() != i64) ++nodes;
        const Unary* unary = node.as<Unary>();
        const Binary* binary = node.as<Binary>();
        cheap = cheap && !(unary && unary->op != UnaryOp::negate && unary->op != UnaryOp::abs &&
                           unary->op != UnaryOp::logical_not);
        cheap = cheap && !(binary && binary->op == BinaryOp::pow) && !node.as<PrintWhen>();
    });
    return cheap && nodes <= 12;
}

}  // namespace heddle
