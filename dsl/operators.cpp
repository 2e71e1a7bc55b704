// dsl/operators.cpp -- builders of expressions: common types of operands, and constants folded.
#include <cmath>

#include "dsl/expr.h"
#include "dsl/integer.h"
#include "dsl/print.h"
#include "runtime/error.h"

namespace heddle {
namespace {

bool is_logical(BinaryOp op) { return op == BinaryOp::logical_and || op == BinaryOp::logical_or; }
bool is_comparison(BinaryOp op) {
    return op == BinaryOp::eq || op == BinaryOp::ne || op == BinaryOp::lt || op == BinaryOp::le;
}

void require_defined(const Expr& e) {
    if (!e.defined()) throw UserError("an operand is an undefined expression: give it a value first");
}

std::string quote(const Expr& e) { return "`" + print(e) + "` (" + std::string(name_of(e.type())) + ")"; }

/// A literal as C++ gives it takes the type of what it meets; nothing when `e` is not one, or does not fit.
bool adapts(const Expr& e, ScalarType type) {
    if (const IntImm* literal = e.as<IntImm>(); literal && e.type() == i64)
        return is_float(type) || (type == i32 && wrap(literal->value, i32) == literal->value);
    return e.as<FloatImm>() && e.type() == f64 && is_float(type);
}

ScalarType type_of_operands(const Expr& a, const Expr& b) {
    const ScalarType left = a.type() == boolean ? i32 : a.type(), right = b.type() == boolean ? i32 : b.type();
    if (adapts(a, right)) return right;
    if (adapts(b, left)) return left;
    return common_type(left, right);
}

/// Conditions are boolean; integers mean `!= 0`.
Expr condition_of(const Expr& e, const char* use) {
    if (e.type() == boolean) return e;
    if (is_float(e.type()))
        throw UserError(quote(e) + " is a float where " + use + " needs a condition: compare it, as in `!= 0`");
    return not_equals(e, 0);
}

Expr make_binary(BinaryOp op, Expr a, Expr b) {
    const ScalarType type = is_comparison(op) || is_logical(op) ? boolean : a.type();
    const IntImm *x = a.as<IntImm>(), *y = b.as<IntImm>();
    if (x && y && op != BinaryOp::pow) return Expr::integer(apply(op, x->value, y->value, a.type()), type);
    return Expr(std::make_shared<const Binary>(op, std::move(a), std::move(b), type));
}

Expr logical(BinaryOp op, const Expr& a, const Expr& b) {
    const char* use = op == BinaryOp::logical_and ? "&&" : "||";
    const Expr x = condition_of(a, use), y = condition_of(b, use);
    const bool neutral = op == BinaryOp::logical_and;
    if (const IntImm* known = x.as<IntImm>()) return (known->value != 0) == neutral ? y : x;
    if (const IntImm* known = y.as<IntImm>()) return (known->value != 0) == neutral ? x : y;
    return make_binary(op, x, y);
}

/// Repeated multiplication where the exponent is a small literal, else a power of floats.
Expr power(const Expr& a, const Expr& b) {
    if (is_float(a.type()) || is_float(b.type())) {
        const ScalarType type = type_of_operands(a, b);
        return make_binary(BinaryOp::pow, cast(type, a), cast(type, b));
    }
    const IntImm* exponent = b.as<IntImm>();
    if (!exponent || exponent->value < 0 || exponent->value > 16)
        throw UserError("pow(" + print(a) + ", " + print(b) +
                        ") of integers needs a literal exponent from 0 to 16; cast one operand to a float type");
    Expr product = cast(a.type() == boolean ? i32 : a.type(), Expr(1));
    for (std::int64_t i = 0; i < exponent->value; ++i) product = i == 0 ? cast(product.type(), a) : product * a;
    return product;
}

Expr fold_negation(const Expr& e) {
    if (const IntImm* literal = e.as<IntImm>())
        return Expr::integer(apply(BinaryOp::sub, 0, literal->value, e.type()), e.type());
    if (const FloatImm* literal = e.as<FloatImm>()) return Expr::floating(-literal->value, e.type());
    return Expr(std::make_shared<const Unary>(UnaryOp::negate, e, e.type()));
}

/// Exact conversions of literals; nothing where the value has no meaning in the type.
Expr cast_literal(ScalarType type, const Expr& value) {
    if (const IntImm* literal = value.as<IntImm>()) {
        if (!is_float(type)) return Expr::integer(literal->value, type);
        // One rounding: an i64 to f32 through f64 could round twice.
        if (type == f32) return Expr::floating(static_cast<float>(literal->value), f32);
        return Expr::floating(static_cast<double>(literal->value), type);
    }
    if (const FloatImm* literal = value.as<FloatImm>()) {
        if (is_float(type)) return Expr::floating(literal->value, type);
        if (std::abs(literal->value) < 0x1p31) return Expr::integer(static_cast<std::int64_t>(literal->value), type);
    }
    return {};
}

}  // namespace

Expr unary(UnaryOp op, Expr operand) {
    require_defined(operand);
    if (op == UnaryOp::logical_not) {
        const Expr condition = condition_of(operand, "!");
        if (const IntImm* literal = condition.as<IntImm>()) return Expr(literal->value == 0);
        return Expr(std::make_shared<const Unary>(op, condition, boolean));
    }
    if (operand.type() == boolean) operand = cast(i32, operand);
    if (op == UnaryOp::negate) return fold_negation(operand);
    if (is_integer(operand.type())) {
        if (op == UnaryOp::floor || op == UnaryOp::ceil || op == UnaryOp::round) return operand;
        if (op == UnaryOp::abs) {
            const IntImm* literal = operand.as<IntImm>();
            if (literal) return literal->value < 0 ? fold_negation(operand) : operand;
        } else {
            operand = cast(operand.as<IntImm>() ? f64 : f32, operand);  // a literal stays one, and adapts
        }
    }
    const ScalarType type = operand.type();
    return Expr(std::make_shared<const Unary>(op, std::move(operand), type));
}

Expr binary(BinaryOp op, Expr a, Expr b) {
    require_defined(a);
    require_defined(b);
    if (is_logical(op)) return logical(op, a, b);
    if (op == BinaryOp::pow) return power(a, b);
    const ScalarType type = type_of_operands(a, b);
    if (op == BinaryOp::mod && is_float(type))
        throw UserError("`%` of " + quote(a) + " and " + quote(b) +
                        " needs integers; for floats write a - b * floor(a / b)");
    return make_binary(op, cast(type, a), cast(type, b));
}

Expr equals(Expr a, Expr b) { return binary(BinaryOp::eq, std::move(a), std::move(b)); }
Expr not_equals(Expr a, Expr b) { return binary(BinaryOp::ne, std::move(a), std::move(b)); }
Expr min(Expr a, Expr b) { return binary(BinaryOp::min, std::move(a), std::move(b)); }
Expr max(Expr a, Expr b) { return binary(BinaryOp::max, std::move(a), std::move(b)); }
Expr pow(Expr a, Expr b) { return binary(BinaryOp::pow, std::move(a), std::move(b)); }
Expr clamp(Expr value, Expr low, Expr high) { return min(max(std::move(value), std::move(low)), std::move(high)); }
Expr abs(Expr a) { return unary(UnaryOp::abs, std::move(a)); }
Expr floor(Expr a) { return unary(UnaryOp::floor, std::move(a)); }
Expr ceil(Expr a) { return unary(UnaryOp::ceil, std::move(a)); }
Expr round(Expr a) { return unary(UnaryOp::round, std::move(a)); }
Expr sqrt(Expr a) { return unary(UnaryOp::sqrt, std::move(a)); }
Expr rsqrt(Expr a) { return unary(UnaryOp::rsqrt, std::move(a)); }
Expr exp(Expr a) { return unary(UnaryOp::exp, std::move(a)); }
Expr log(Expr a) { return unary(UnaryOp::log, std::move(a)); }
Expr sin(Expr a) { return unary(UnaryOp::sin, std::move(a)); }
Expr cos(Expr a) { return unary(UnaryOp::cos, std::move(a)); }
Expr tanh(Expr a) { return unary(UnaryOp::tanh, std::move(a)); }
Expr erf(Expr a) { return unary(UnaryOp::erf, std::move(a)); }
Expr sigmoid(Expr a) { return unary(UnaryOp::sigmoid, std::move(a)); }

Expr select(Expr condition, Expr when_true, Expr when_false) {
    require_defined(condition);
    require_defined(when_true);
    require_defined(when_false);
    condition = condition_of(condition, "select");
    if (when_true.type() != when_false.type()) {
        const ScalarType type = type_of_operands(when_true, when_false);
        when_true = cast(type, when_true);
        when_false = cast(type, when_false);
    }
    if (const IntImm* literal = condition.as<IntImm>()) return literal->value ? when_true : when_false;
    return Expr(std::make_shared<const Select>(std::move(condition), std::move(when_true), std::move(when_false)));
}

Expr cast(ScalarType type, Expr value) {
    require_defined(value);
    if (type == value.type()) return value;
    if (const Expr literal = cast_literal(type, value); literal.defined()) return literal;
    if (type == boolean) return not_equals(value, 0);
    return Expr(std::make_shared<const Cast>(type, std::move(value)));
}

Expr index(Expr value, Expr extent, IndexMode mode) {
    require_defined(value);
    require_defined(extent);
    for (const Expr& e : {value, extent})
        if (!is_integer(e.type()))
            throw UserError("index(" + print(value) + ", " + print(extent) + "): " + quote(e) +
                            " is not an integer; an index and its extent are integers");
    return Expr(std::make_shared<const DataIndex>(cast(i64, std::move(value)), cast(i64, std::move(extent)), mode));
}

Expr stop_gradient(Expr value) {
    require_defined(value);
    return Expr(std::make_shared<const StopGradient>(std::move(value)));
}

Expr print_when(Expr condition, std::string label, Expr value, std::vector<Expr> shown) {
    require_defined(condition);
    require_defined(value);
    for (const Expr& e : shown) require_defined(e);
    return Expr(std::make_shared<const PrintWhen>(condition_of(condition, "print_when"), std::move(label),
                                                  std::move(shown), std::move(value)));
}

}  // namespace heddle
