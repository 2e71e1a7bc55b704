// dsl/fold_floats.cpp -- arithmetic of float literals.
#include "dsl/fold_floats.h"

#include <cmath>

namespace heddle {
namespace {

/// T is the type that the node computes in, so that each result is rounded once.
template <class T>
Expr fold(BinaryOp op, T a, T b, ScalarType type) {
    const auto literal = [&](T value) { return Expr::floating(static_cast<double>(value), type); };
    const bool unordered = std::isnan(a) || std::isnan(b);
    switch (op) {
        case BinaryOp::add:
            return literal(a + b);
        case BinaryOp::sub:
            return literal(a - b);
        case BinaryOp::mul:
            return literal(a * b);
        case BinaryOp::div:
            return literal(a / b);
        case BinaryOp::min:
            return unordered || a == b ? Expr() : literal(a < b ? a : b);
        case BinaryOp::max:
            return unordered || a == b ? Expr() : literal(a < b ? b : a);
        case BinaryOp::eq:
            return Expr(a == b);
        case BinaryOp::ne:
            return Expr(a != b);
        case BinaryOp::lt:
            return Expr(a < b);
        case BinaryOp::le:
            return Expr(a <= b);
        default:
            return {};
    }
}

}  // namespace

Expr fold_floats(const Expr& e) {
    const Binary* node = e.as<Binary>();
    const FloatImm* a = node ? node->a.as<FloatImm>() : nullptr;
    const FloatImm* b = node ? node->b.as<FloatImm>() : nullptr;
    if (!a || !b) return {};
    const ScalarType type = node->a.type();
    if (type == f32) return fold(node->op, static_cast<float>(a->value), static_cast<float>(b->value), type);
    return fold(node->op, a->value, b->value, type);
}

}  // namespace heddle
