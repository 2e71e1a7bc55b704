// dsl/adjoint_rules.cpp -- derivatives of the operations of expressions, as a table.
#include "dsl/adjoint_rules.h"

namespace heddle {
namespace {

bool is_value(const Expr& e, double value) {
    if (const FloatImm* literal = e.as<FloatImm>()) return literal->value == value;
    if (const IntImm* literal = e.as<IntImm>()) return static_cast<double>(literal->value) == value;
    return false;
}
bool is_literal(const Expr& e) { return e.as<FloatImm>() || e.as<IntImm>(); }
Expr number(double value, const Expr& like) { return Expr::floating(value, like.type()); }
const Unary* negation(const Expr& e) {
    const Unary* unary = e.as<Unary>();
    return unary && unary->op == UnaryOp::negate ? unary : nullptr;
}
Expr mul(const Expr& a, const Expr& b) { return derivative_product(a, b); }
Expr div(const Expr& a, const Expr& b) { return derivative_quotient(a, b); }
Expr neg(const Expr& a) { return derivative_negated(a); }
Expr where(const Expr& condition, const Expr& g) { return select(condition, g, number(0, g)); }
constexpr double two_over_sqrt_pi = 1.1283791670955126;

/// Of the larger of two: all where it is larger, half where both are equal (as PyTorch's maximum), none beside a
/// literal that it only equals (as relu).
Expr of_larger(const Expr& g, const Expr& x, const Expr& other) {
    if (is_literal(other)) return where(other < x, g);
    if (is_literal(x)) return where(!(x < other), g);
    return select(x < other, number(0, g), select(equals(x, other), g * number(0.5, g), g));
}
Expr of_smaller(const Expr& g, const Expr& x, const Expr& other) {
    if (is_literal(other)) return where(x < other, g);
    if (is_literal(x)) return where(!(other < x), g);
    return select(other < x, number(0, g), select(equals(x, other), g * number(0.5, g), g));
}

using E = const Expr&;
// clang-format off
constexpr UnaryAdjoint unary_table[] = {
    {UnaryOp::negate,  [](E g, E,   E)   { return neg(g); }},
    {UnaryOp::abs,     [](E g, E x, E)   { return select(x < 0.0, neg(g), where(0.0 < x, g)); }},
    {UnaryOp::sqrt,    [](E g, E,   E f) { return div(mul(g, number(0.5, g)), f); }},
    {UnaryOp::rsqrt,   [](E g, E x, E f) { return div(mul(mul(g, number(-0.5, g)), f), x); }},
    {UnaryOp::exp,     [](E g, E,   E f) { return mul(g, f); }},
    {UnaryOp::log,     [](E g, E x, E)   { return div(g, x); }},
    {UnaryOp::sin,     [](E g, E x, E)   { return mul(g, cos(x)); }},
    {UnaryOp::cos,     [](E g, E x, E)   { return neg(mul(g, sin(x))); }},
    {UnaryOp::tanh,    [](E g, E,   E f) { return mul(g, 1.0 - f * f); }},
    {UnaryOp::erf,     [](E g, E x, E)   { return mul(mul(g, number(two_over_sqrt_pi, g)), exp(-(x * x))); }},
    {UnaryOp::sigmoid, [](E g, E,   E f) { return mul(mul(g, f), 1.0 - f); }},
    {UnaryOp::floor,   nullptr},
    {UnaryOp::ceil,    nullptr},
    {UnaryOp::round,   nullptr},
};
constexpr BinaryAdjoint binary_table[] = {
    {BinaryOp::add, [](E g, E,   E,   E) { return g; },                [](E g, E,   E,   E)   { return g; }},
    {BinaryOp::sub, [](E g, E,   E,   E) { return g; },                [](E g, E,   E,   E)   { return neg(g); }},
    {BinaryOp::mul, [](E g, E,   E b, E) { return mul(g, b); },        [](E g, E a, E,   E)   { return mul(g, a); }},
    {BinaryOp::div, [](E g, E,   E b, E) { return div(g, b); },        [](E g, E,   E b, E f) { return neg(div(mul(g, f), b)); }},
    {BinaryOp::min, [](E g, E a, E b, E) { return of_smaller(g, a, b); }, [](E g, E a, E b, E) { return of_smaller(g, b, a); }},
    {BinaryOp::max, [](E g, E a, E b, E) { return of_larger(g, a, b); },  [](E g, E a, E b, E) { return of_larger(g, b, a); }},
    {BinaryOp::pow, [](E g, E a, E b, E) { return mul(mul(g, b), pow(a, b - 1.0)); }, [](E g, E a, E, E f) { return mul(mul(g, f), log(a)); }},
    {BinaryOp::mod, nullptr, nullptr},
};
// clang-format on

}  // namespace

std::span<const UnaryAdjoint> unary_adjoints() { return unary_table; }
std::span<const BinaryAdjoint> binary_adjoints() { return binary_table; }

Expr derivative_sum(const Expr& a, const Expr& b) {
    if (is_value(a, 0)) return b;
    if (is_value(b, 0)) return a;
    if (const Unary* minus = negation(b)) return a - minus->operand;
    if (const Unary* minus = negation(a)) return b - minus->operand;
    if (equal(a, b)) return derivative_product(number(2, a), a);
    return a + b;
}

Expr derivative_negated(const Expr& a) {
    if (const Unary* minus = negation(a)) return minus->operand;
    return -a;
}

Expr derivative_product(const Expr& a, const Expr& b) {
    if (is_value(a, 1)) return b;
    if (is_value(b, 1)) return a;
    if (is_value(a, 0)) return a;
    if (is_value(b, 0)) return b;
    if (const Unary* minus = negation(a)) return derivative_negated(derivative_product(minus->operand, b));
    if (const Unary* minus = negation(b)) return derivative_negated(derivative_product(a, minus->operand));
    return a * b;
}

Expr derivative_quotient(const Expr& a, const Expr& b) {
    if (is_value(b, 1) || is_value(a, 0)) return a;
    if (const Unary* minus = negation(a)) return derivative_negated(derivative_quotient(minus->operand, b));
    return a / b;
}

}  // namespace heddle
