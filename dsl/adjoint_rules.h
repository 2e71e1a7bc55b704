// dsl/adjoint_rules.h -- derivatives of the operations of expressions, as a table.
#pragma once

#include <span>

#include "dsl/expr.h"

namespace heddle {

/// The adjoint of an operand: from g, the adjoint of the result; the operands; and f, the result. Null: the operation
/// has no derivative.
struct UnaryAdjoint {
    UnaryOp op;
    Expr (*operand)(const Expr& g, const Expr& x, const Expr& f);
};
struct BinaryAdjoint {
    BinaryOp op;
    Expr (*a)(const Expr& g, const Expr& a, const Expr& b, const Expr& f);
    Expr (*b)(const Expr& g, const Expr& a, const Expr& b, const Expr& f);
};

std::span<const UnaryAdjoint> unary_adjoints();
std::span<const BinaryAdjoint> binary_adjoints();

/// Sums and products of derivatives: with 0 and 1 left out, signs and quotients gathered outside. Float algebra is
/// that of real numbers here: a derivative is defined up to rounding.
Expr derivative_sum(const Expr& a, const Expr& b);
Expr derivative_product(const Expr& a, const Expr& b);
Expr derivative_quotient(const Expr& a, const Expr& b);
Expr derivative_negated(const Expr& a);

}  // namespace heddle
