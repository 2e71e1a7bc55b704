// ops/row_statistics.h -- the largest element and the sum of exponentials along a dimension.
#pragma once

#include <string>
#include <vector>

#include "dsl/tensor.h"

namespace heddle {

/// Reads of two tensors that hold, for each position of the other dimensions, m = the largest element (a constant to
/// derivatives: it does not change the results) and the sum of exp(x - m); and the index of x that they belong to.
struct RowStatistics {
    std::vector<Expr> index;
    Expr largest, sum;
    int dim;
};
/// Defines them as `name`_max and `name`_sum. Throws UserError, which begins with `operation`, for a dimension that x
/// does not have, and an x that is not of floats.
RowStatistics row_statistics(const AnyTensor& x, int dim, const std::string& operation, const std::string& name,
                             const CallSite& where);
/// `dim` counted from the front; throws UserError for one that x does not have.
int checked_dimension(const AnyTensor& x, int dim, const std::string& operation, const SourceLocation& where);

}  // namespace heddle
