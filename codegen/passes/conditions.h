// codegen/passes/conditions.h -- conjunctions of affine tests: taking them apart and putting them together.
#pragma once

#include <optional>
#include <vector>

#include "dsl/affine.h"
#include "dsl/expr.h"

namespace heddle {

/// The terms of `a && b && ...`; none for constant true.
std::vector<Expr> terms_of(const Expr& condition);
/// Their conjunction; constant true for none.
Expr conjunction_of(const std::vector<Expr>& terms);
/// A term `a <= b` or `a < b` over integers as `affine >= 0`, when it is affine.
std::optional<Affine> at_least_zero(const Expr& term);

}  // namespace heddle
