// ops/pool.h -- pooling over windows in one, two and three dimensions, as PyTorch's max_pool2d, avg_pool2d, lp_pool2d.
#pragma once

#include <optional>
#include <string>

#include "dsl/tensor.h"
#include "ops/per_dimension.h"
#include "ops/tensor_order.h"
#include "ops/window.h"

namespace heddle {

/// What all pools share. Windows are counted as floor((H + 2*padding - dilation*(R - 1) - 1) / stride) + 1; with
/// ceil_mode rounded up, but for a window that would start in the padding at the end.
struct PoolWindow {
    PerDimension kernel_size = 2;
    std::optional<PerDimension> stride = std::nullopt;  ///< kernel_size where not stated
    Padding padding = 0;                                ///< at most half of what the window spans
    PerDimension dilation = 1;
    bool ceil_mode = false;
    ActivationLayout layout = ActivationLayout::nchw;  ///< of x and the result
};

/// A pool's axes, its result's shape and variables: what every kind of pool is written with.
struct PoolPlan {
    std::string operation;  ///< "max_pool2d"
    ActivationSizes sizes;
    std::vector<WindowAxis> axes;
    std::vector<Extent> counts, shape;  ///< of windows; of the result
    std::vector<Expr> at, taps;         ///< variables: of windows and, declared, of their elements
    Var n{"n"}, c{"c"};

    /// Index of the result, and the read of x that the window at it makes.
    std::vector<Expr> result_index(ActivationLayout layout) const;
    Expr read(const AnyTensor& x, ActivationLayout layout, Boundary boundary) const;
};
/// Throws UserError for whatever is wrong with the window: padding larger than half of it, a window larger than the
/// padded x, and an option that does not speak of each dimension. `kind` is "max_pool".
PoolPlan pool_plan(std::string_view kind, const AnyTensor& x, const PoolWindow& window, const SourceLocation& where);

/// y[n,c,p,q] max= x[n, c, p*stride - padding + r*dilation, ...], points outside left out. A NaN beats any number.
AnyTensor max_pool(const AnyTensor& x, const PoolWindow& window = {}, std::string name = "y",
                   const CallSite& where = CallSite::current());
/// min= in place of max=.
AnyTensor min_pool(const AnyTensor& x, const PoolWindow& window = {}, std::string name = "y",
                   const CallSite& where = CallSite::current());

/// The largest elements and where they are.
struct MaxPoolResult {
    AnyTensor values;
    AnyTensor indices;  ///< i64: h * W + w in x, of the first largest element, of the last NaN where there are any
    AnyTensor offsets;  ///< where it lies in its window, row by row, in the smallest unsigned type that holds a window
};
/// As max_pool with return_indices. Tensors are named `name`, `name`_indices and `name`_offsets.
MaxPoolResult max_pool_with_indices(const AnyTensor& x, const PoolWindow& window = {}, std::string name = "y",
                                    const CallSite& where = CallSite::current());

struct AvgPoolOptions {
    PoolWindow window = {};
    bool count_include_pad = true;                       ///< padding counts as points of the window
    std::optional<int> divisor_override = std::nullopt;  ///< what the sum is divided by, in place of the points
};
/// The sum over the window, divided by the number of its points: those inside x with its padding (a window of ceil_mode
/// may reach beyond), or inside x alone.
AnyTensor avg_pool(const AnyTensor& x, const AvgPoolOptions& options = {}, std::string name = "y",
                   const CallSite& where = CallSite::current());

/// (sum of x^norm over the window)^(1/norm), without padding. As PyTorch has it, the sum over a window of ceil_mode
/// that reaches beyond x is scaled up to a whole window.
AnyTensor lp_pool(const AnyTensor& x, double norm, const PoolWindow& window = {}, std::string name = "y",
                  const CallSite& where = CallSite::current());

/// One number a channel: N C 1 1, as PyTorch's adaptive pools of output size 1.
AnyTensor global_avg_pool(const AnyTensor& x, ActivationLayout layout = ActivationLayout::nchw, std::string name = "y",
                          const CallSite& where = CallSite::current());
AnyTensor global_max_pool(const AnyTensor& x, ActivationLayout layout = ActivationLayout::nchw, std::string name = "y",
                          const CallSite& where = CallSite::current());

}  // namespace heddle
