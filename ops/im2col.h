// ops/im2col.h -- windows laid out as columns of a matrix, and added back, as PyTorch's unfold and fold.
#pragma once

#include <string>

#include "dsl/tensor.h"
#include "ops/per_dimension.h"

namespace heddle {

struct ColumnOptions {
    PerDimension kernel_size = 3;
    PerDimension stride = 1;
    Padding padding = 0;
    PerDimension dilation = 1;
};

/// y[n, (c*R + r)*S + s, p*Q + q] = x[n, c, p*stride - padding + r*dilation, ...], 0 outside. x: N C H W; the result is
/// N, C*R*S, P*Q.
AnyTensor im2col(const AnyTensor& x, const ColumnOptions& options = {}, std::string name = "y",
                 const CallSite& where = CallSite::current());

/// The scatter y[n, c, p*stride - padding + r*dilation, ...] += x[n, (c*R + r)*S + s, p*Q + q]: N C H W, with `H` and
/// `W` from output_size. Throws UserError for an x whose sizes are not those of that many windows.
AnyTensor col2im(const AnyTensor& x, const PerDimension& output_size, const ColumnOptions& options = {},
                 std::string name = "y", const CallSite& where = CallSite::current());

}  // namespace heddle
