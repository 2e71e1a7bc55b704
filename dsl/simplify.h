// dsl/simplify.h -- the canonical form of expressions, by tables of rules.
#pragma once

#include "dsl/expr.h"
#include "dsl/interval.h"

namespace heddle {

/// An expression equal to `e` for all values of its symbols within `ranges` (none given: all values), in canonical
/// form: affine integer parts as a sum in a fixed order of symbols, constants folded, min/max/select/div/mod resolved
/// where ranges decide them. Intermediate values of i64 are taken to fit (index arithmetic does); narrower integers
/// wrap. In a branch, the condition that guards it is known. Floats: only rewrites that keep every bit of the result
/// (x + 0 is kept; 1 * x, x / 1, casts of constants, negation twice are folded).
Expr simplify(const Expr& e, const Ranges& ranges = {});

}  // namespace heddle
