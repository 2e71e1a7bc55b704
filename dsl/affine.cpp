// dsl/affine.cpp -- integer expressions as sums of constants times symbols.
#include "dsl/affine.h"

#include "dsl/integer.h"
#include "dsl/linear.h"

namespace heddle {
namespace {

Affine affine_constant(std::int64_t value) {
    Affine affine;
    affine.constant = value;
    return affine;
}

bool divides(std::int64_t divisor, const Affine& affine) {
    for (const auto& [symbol, coefficient] : affine.terms)
        if (coefficient % divisor != 0) return false;
    return true;
}

/// Every coefficient and the constant over `divisor`, which divides the coefficients: exact, or rounded down in the
/// constant alone.
Affine quotient(Affine affine, std::int64_t divisor) {
    for (auto& [symbol, coefficient] : affine.terms) coefficient /= divisor;
    affine.constant = floor_div(affine.constant, divisor);
    return affine;
}

std::optional<Affine> affine_of_binary(const Binary& node) {
    const std::optional<Affine> a = affine_of(node.a), b = affine_of(node.b);
    if (!a || !b) return std::nullopt;
    if (node.op == BinaryOp::add) return *a + *b;
    if (node.op == BinaryOp::sub) return *a + *b * -1;
    if (node.op == BinaryOp::mul && a->is_constant()) return *b * a->constant;
    if (!b->is_constant()) return std::nullopt;
    const std::int64_t value = b->constant;
    if (node.op == BinaryOp::mul) return *a * value;
    if (node.op != BinaryOp::div && node.op != BinaryOp::mod) return std::nullopt;
    if (value == 0) return affine_constant(0);
    if (!divides(value, *a)) return std::nullopt;
    return node.op == BinaryOp::div ? quotient(*a, value) : affine_constant(floor_mod(a->constant, value));
}

}  // namespace

std::int64_t Affine::coefficient(const Symbol& symbol) const {
    const auto found = terms.find(symbol);
    return found == terms.end() ? 0 : found->second;
}

std::optional<Affine> affine_of(const Expr& e) {
    if (e.type() != i64) return std::nullopt;
    if (const IntImm* literal = e.as<IntImm>()) return affine_constant(literal->value);
    if (const Variable* variable = e.as<Variable>()) return Affine{{{variable->symbol, 1}}, 0};
    if (const Binary* binary = e.as<Binary>()) return affine_of_binary(*binary);
    if (const Unary* unary = e.as<Unary>(); unary && unary->op == UnaryOp::negate)
        if (const std::optional<Affine> operand = affine_of(unary->operand)) return *operand * -1;
    return std::nullopt;
}

Expr to_expr(const Affine& affine) {
    Linear linear = {{}, affine.constant, false};
    for (const auto& [symbol, coefficient] : affine.terms) linear.terms.push_back({Expr(symbol), coefficient});
    return to_expr(linear);
}

Affine operator+(const Affine& a, const Affine& b) {
    Affine sum = a;
    sum.constant = apply(BinaryOp::add, a.constant, b.constant, i64);
    for (const auto& [symbol, coefficient] : b.terms) {
        std::int64_t& value = sum.terms[symbol];
        value = apply(BinaryOp::add, value, coefficient, i64);
        if (value == 0) sum.terms.erase(symbol);
    }
    return sum;
}

Affine operator*(const Affine& a, std::int64_t factor) {
    Affine product;
    product.constant = apply(BinaryOp::mul, a.constant, factor, i64);
    for (const auto& [symbol, coefficient] : a.terms)
        if (const std::int64_t value = apply(BinaryOp::mul, coefficient, factor, i64))
            product.terms.emplace(symbol, value);
    return product;
}

}  // namespace heddle
