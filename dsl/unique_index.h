// dsl/unique_index.h -- indices from data that are promised to differ.
#pragma once

#include "dsl/expr.h"

namespace heddle {

/// index(value, extent), checked, with the promise that it differs wherever a variable in `value` differs: what is
/// written there has one writer an element, which needs no order, no sort and no atomics, and may be written by `=`.
/// evaluate() checks the promise of what is written, and throws UserError naming two points that meet; kernels do not.
///     u(unique_index(t(n), 100), c) += g(n, c);
Expr unique_index(Expr value, Expr extent);

bool is_unique(const DataIndex& index);

}  // namespace heddle
