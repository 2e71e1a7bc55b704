// ops/conv_transpose.h -- transposed convolution in one, two and three dimensions, as PyTorch's conv_transpose2d.
#pragma once

#include <optional>
#include <string>

#include "dsl/tensor.h"
#include "ops/per_dimension.h"
#include "ops/tensor_order.h"

namespace heddle {

struct ConvTransposeOptions {
    PerDimension stride = 1;
    Padding padding = 0;              ///< points cut off at each end of the result
    PerDimension output_padding = 0;  ///< points added at the end of the result; less than stride or dilation
    PerDimension dilation = 1;
    int groups = 1;
    ActivationLayout layout = ActivationLayout::nchw;  ///< of x and the result
    /// Of the filters, which here are C K/groups R S: `kcrs` stands for that order, C in the place of K.
    WeightLayout weights = WeightLayout::kcrs;
    std::optional<ScalarType> output_type = std::nullopt;  ///< x's where not stated
};

/// The scatter y[n, k, p*stride - padding + r*dilation, ...] += x[n,c,p,q] * w[c,k,r,s], after an `=` with the bias.
/// x: N C H W; w: C K/groups R S. The result has (H - 1)*stride - 2*padding + dilation*(R - 1) + output_padding + 1
/// rows, and columns likewise.
/// Throws UserError for channels that do not match, groups that do not divide, an output_padding that is not smaller
/// than stride or dilation, and a result without rows or columns.
AnyTensor conv_transpose(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias = std::nullopt,
                         const ConvTransposeOptions& options = {}, std::string name = "y",
                         const CallSite& where = CallSite::current());

}  // namespace heddle
