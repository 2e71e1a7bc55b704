// dsl/expr.cpp -- literals, equality of structure, and the words of the text form.
#include "dsl/expr.h"

#include <bit>

#include "dsl/integer.h"
#include "dsl/tensor.h"
#include "dsl/visit.h"
#include "runtime/error.h"

namespace heddle {

Expr::Expr(const Symbol& symbol) : Expr(std::make_shared<const Variable>(symbol)) {}
Expr::Expr(const Var& var) : Expr(var.symbol()) {}
Expr::Expr(const RVar& var) : Expr(var.symbol()) {}

Expr Expr::integer(std::int64_t value, ScalarType type) {
    if (is_float(type)) throw UserError("an integer literal cannot have the type " + std::string(name_of(type)));
    return Expr(std::make_shared<const IntImm>(wrap(value, type), compute_type(type)));
}

Expr Expr::floating(double value, ScalarType type) {
    if (!is_float(type)) throw UserError("a float literal cannot have the type " + std::string(name_of(type)));
    if (type == f16) value = f16_value(f16_bits(static_cast<float>(value)));
    if (type == bf16) value = bf16_value(bf16_bits(static_cast<float>(value)));
    if (type == f32) value = static_cast<float>(value);
    return Expr(std::make_shared<const FloatImm>(value, compute_type(type)));
}

namespace {

/// What a node has besides its operands.
bool same_head(const Expr& a, const Expr& b) {
    if (a.kind() != b.kind() || a.type() != b.type()) return false;
    switch (a.kind()) {
        case ExprKind::IntImm:
            return a.as<IntImm>()->value == b.as<IntImm>()->value;
        case ExprKind::FloatImm:
            return std::bit_cast<std::uint64_t>(a.as<FloatImm>()->value) ==
                   std::bit_cast<std::uint64_t>(b.as<FloatImm>()->value);
        case ExprKind::Variable:
            return a.as<Variable>()->symbol == b.as<Variable>()->symbol;
        case ExprKind::Read:
            return a.as<Read>()->tensor == b.as<Read>()->tensor && a.as<Read>()->boundary == b.as<Read>()->boundary;
        case ExprKind::Unary:
            return a.as<Unary>()->op == b.as<Unary>()->op;
        case ExprKind::Binary:
            return a.as<Binary>()->op == b.as<Binary>()->op;
        case ExprKind::Cast:
            return a.as<Cast>()->to == b.as<Cast>()->to;
        case ExprKind::DataIndex:
            return a.as<DataIndex>()->mode == b.as<DataIndex>()->mode;
        case ExprKind::PrintWhen:
            return a.as<PrintWhen>()->label == b.as<PrintWhen>()->label;
        case ExprKind::Select:
        case ExprKind::StopGradient:
            return true;
    }
    return false;
}

}  // namespace

bool equal(const Expr& a, const Expr& b) {
    if (a.same_as(b)) return true;
    if (!a.defined() || !b.defined() || !same_head(a, b)) return false;
    if (const Binary* x = a.as<Binary>()) {
        const Binary* y = b.as<Binary>();
        return equal(x->a, y->a) && equal(x->b, y->b);
    }
    const std::vector<Expr> left = operands_of(a), right = operands_of(b);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i)
        if (!equal(left[i], right[i])) return false;
    return true;
}

bool is_const(const Expr& e, std::int64_t value) {
    const IntImm* literal = e.as<IntImm>();
    return literal && literal->value == value;
}

std::string_view name_of(UnaryOp op) {
    switch (op) {
        case UnaryOp::negate:
            return "-";
        case UnaryOp::logical_not:
            return "!";
        case UnaryOp::abs:
            return "abs";
        case UnaryOp::floor:
            return "floor";
        case UnaryOp::ceil:
            return "ceil";
        case UnaryOp::round:
            return "round";
        case UnaryOp::sqrt:
            return "sqrt";
        case UnaryOp::rsqrt:
            return "rsqrt";
        case UnaryOp::exp:
            return "exp";
        case UnaryOp::log:
            return "log";
        case UnaryOp::sin:
            return "sin";
        case UnaryOp::cos:
            return "cos";
        case UnaryOp::tanh:
            return "tanh";
        case UnaryOp::erf:
            return "erf";
        case UnaryOp::sigmoid:
            return "sigmoid";
    }
    throw InternalError("an unknown unary operation");
}

std::string_view name_of(BinaryOp op) {
    switch (op) {
        case BinaryOp::add:
            return "+";
        case BinaryOp::sub:
            return "-";
        case BinaryOp::mul:
            return "*";
        case BinaryOp::div:
            return "/";
        case BinaryOp::mod:
            return "%";
        case BinaryOp::min:
            return "min";
        case BinaryOp::max:
            return "max";
        case BinaryOp::pow:
            return "pow";
        case BinaryOp::eq:
            return "==";
        case BinaryOp::ne:
            return "!=";
        case BinaryOp::lt:
            return "<";
        case BinaryOp::le:
            return "<=";
        case BinaryOp::logical_and:
            return "&&";
        case BinaryOp::logical_or:
            return "||";
    }
    throw InternalError("an unknown binary operation");
}

}  // namespace heddle
