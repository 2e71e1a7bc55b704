// dsl/guard_reads.h -- variables replaced by values that may leave their ranges: points that do take no part.
#pragma once

#include <vector>

#include "dsl/definition.h"
#include "dsl/visit.h"

namespace heddle {

/// A variable of [0, extent) and the expression that takes its place.
struct GuardedVariable {
    Symbol symbol;
    Expr value;
    Expr extent;
    bool not_below = false, not_above = false;  ///< known already, where the other variables are inside
};

/// A remainder that must be 0 for the variable to have a value, over the new variables; or, of no variable, over the
/// definition's, since what it reads is read inside only.
struct Congruence {
    Symbol symbol;
    Expr remainder;
};

struct GuardedValue {
    std::vector<Expr> right;
    int selects = 0;  ///< conditions that no read expresses: the right side is select(condition, ..., identity)
};

/// The right sides of `op` with the variables replaced, such that a point at which a value is outside of its variable's
/// range, or a condition fails, contributes nothing. A read that is certain to happen and is at the variable alone,
/// over the whole dimension, becomes `zero` (a factor of a `+=`) or `skip`; else the right side is selected.
/// `conditions` are over the new variables already; `ranges` are those of the new variables.
GuardedValue guard_reads(const std::vector<Expr>& right, UpdateOp op, const Reducer& reducer,
                         const std::vector<GuardedVariable>& variables, const std::vector<Congruence>& congruences,
                         const Ranges& ranges);

}  // namespace heddle
