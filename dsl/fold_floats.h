// dsl/fold_floats.h -- arithmetic of float literals, with every bit of what would be computed at run time.
#pragma once

#include "dsl/expr.h"

namespace heddle {

/// A literal for a sum, difference, product, quotient, minimum, maximum or comparison of two float literals; undefined
/// for anything else.
Expr fold_floats(const Expr& e);

}  // namespace heddle
