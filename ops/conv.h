// ops/conv.h -- convolution (cross-correlation) in one, two and three dimensions, as PyTorch's conv1d, conv2d, conv3d.
#pragma once

#include <optional>
#include <string>

#include "dsl/tensor.h"
#include "ops/per_dimension.h"
#include "ops/tensor_order.h"

namespace heddle {

struct ConvOptions {
    PerDimension stride = 1;
    Padding padding = 0;
    PerDimension dilation = 1;
    int groups = 1;                                    ///< filter k sees the C / groups channels of its group only
    Boundary padding_mode = {BoundaryMode::zero, 0};   ///< what lies in the padding
    ActivationLayout layout = ActivationLayout::nchw;  ///< of x and the result
    WeightLayout weights = WeightLayout::kcrs;
    std::optional<ScalarType> output_type = std::nullopt;  ///< x's where not stated
};

/// y[n,k,p,q] = bias[k] + sum over c, r, s of x[n, c, p*stride - padding + r*dilation, ...] * w[k,c,r,s].
/// x: N C H W; w: K C/groups R S, each in its layout (one spatial dimension less or more likewise); bias: K. The result
/// has P = floor((H + 2*padding - dilation*(R - 1) - 1) / stride) + 1 rows, and columns likewise.
/// Throws UserError for channels that do not match, groups that do not divide, a filter larger than the padded x, and a
/// padding wider than its mode can fill (reflect: H - 1, symmetric and circular: H).
AnyTensor conv(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias = std::nullopt,
               const ConvOptions& options = {}, std::string name = "y", const CallSite& where = CallSite::current());
/// The same, with the rank known at compile time.
Tensor<4> conv2d(const Tensor<4>& x, const Tensor<4>& w, const std::optional<Tensor<1>>& bias = std::nullopt,
                 const ConvOptions& options = {}, std::string name = "y", const CallSite& where = CallSite::current());

/// Each channel with filters of its own: groups = C, whatever the options say. w: C*m 1 R S.
AnyTensor depthwise_conv(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias = std::nullopt,
                         const ConvOptions& options = {}, std::string name = "y",
                         const CallSite& where = CallSite::current());
/// A depthwise convolution, then one over the channels of each point: `pointwise` is K C 1 1. The options are the
/// first one's.
AnyTensor separable_conv(const AnyTensor& x, const AnyTensor& depthwise, const AnyTensor& pointwise,
                         const std::optional<AnyTensor>& bias = std::nullopt, const ConvOptions& options = {},
                         std::string name = "y", const CallSite& where = CallSite::current());

}  // namespace heddle
