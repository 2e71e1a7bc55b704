// codegen/passes/conditions.h -- conjunctions of affine tests: taking them apart and putting them together.
#pragma once

#include <optional>
#include <vector>

#include "dsl/expr.h"
#include "dsl/linear.h"

namespace heddle {

/// The terms of `a && b && ...`; none for constant true.
std::vector<Expr> terms_of(const Expr& condition);
/// Their conjunction; constant true for none.
Expr conjunction_of(const std::vector<Expr>& terms);
/// A term `a <= b` or `a < b` over integers as `sum >= 0`; quotients and the like are atoms of the sum.
std::optional<Linear> at_least_zero(const Expr& term);
/// A term whose quotients and remainders are those of what is no multiple of the divisor: (12*j + r)/2 is 6*j + r/2.
Expr in_parts(const Expr& term);
/// The factor of a variable in a sum; nothing when the variable also stands inside of an atom.
std::optional<std::int64_t> factor_of(const Linear& sum, const Symbol& variable);

}  // namespace heddle
