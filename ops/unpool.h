// ops/unpool.h -- the values of a max pool put back where they came from, as PyTorch's max_unpool2d.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/tensor.h"
#include "ops/pool.h"

namespace heddle {

struct UnpoolOptions {
    PerDimension kernel_size = 2;
    std::optional<PerDimension> stride = std::nullopt;  ///< kernel_size where not stated
    PerDimension padding = 0;
    std::optional<PerDimension> output_size =
        std::nullopt;                                  ///< (H - 1)*stride - 2*padding + kernel_size where not stated
    ActivationLayout layout = ActivationLayout::nchw;  ///< of x, indices and the result
};

/// y[n, c, indices[n,c,p,q]] = x[n,c,p,q], the index counting rows and columns of the result as one; 0 elsewhere. Where
/// several windows name one element, the last one's value is kept. x: N C P Q; indices: i32 or i64 of the same shape,
/// checked when the kernel runs.
/// Throws UserError for an output_size that is `stride` or more away from the default one.
AnyTensor max_unpool(const AnyTensor& x, const AnyTensor& indices, const UnpoolOptions& options = {},
                     std::string name = "y", const CallSite& where = CallSite::current());

}  // namespace heddle
