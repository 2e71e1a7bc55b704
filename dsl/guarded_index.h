// dsl/guarded_index.h -- indices from data that are checked only where a select reaches them.
//
// In `select(t[n] < 0, 0.0, x[index(t[n], 6)] * w[index(t[n], 6)])` an index is looked at where t[n] is not negative.
// In the adjoint of x, w is read as a factor of a value that is 0 elsewhere: its index is clamped there.
#pragma once

#include <vector>

#include "dsl/expr.h"

namespace heddle {

/// The checked index(...) in these values that stand under a select or behind && or || alone.
std::vector<Expr> guarded_indices(const std::vector<Expr>& values);
/// `e` with index_clamped(...) in their places.
Expr with_clamped(const Expr& e, const std::vector<Expr>& indices);

}  // namespace heddle
