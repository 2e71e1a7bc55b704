// ops/conv2d.h -- two-dimensional convolution (cross-correlation), as PyTorch's conv2d.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "dsl/tensor.h"

namespace heddle {

/// Orders of dimensions: of activations N (batch), C (channels), H, W; of weights K (filters), C, R (rows), S
/// (columns).
enum class ActivationLayout : std::uint8_t { nchw, nhwc };
enum class WeightLayout : std::uint8_t { kcrs, krsc, rsck };

struct Conv2dOptions {
    std::array<int, 2> stride{1, 1}, padding{0, 0}, dilation{1, 1};  ///< {rows, columns}
    int groups = 1;                                    ///< filter k sees the C / groups channels of its group only
    Boundary boundary = {BoundaryMode::zero, 0};       ///< what lies in the padding
    ActivationLayout layout = ActivationLayout::nchw;  ///< of x and the result
    WeightLayout weights = WeightLayout::kcrs;
    std::optional<ScalarType> output_type = std::nullopt;  ///< x's where not stated
};

/// y[n,k,p,q] = bias[k] + sum over c, r, s of x[n, c, p*stride - padding + r*dilation, ...] * w[k,c,r,s].
/// x: N C H W; w: K C/groups R S, each in its layout; bias: K. The result has
/// P = floor((H + 2*padding - dilation*(R - 1) - 1) / stride) + 1 rows, and Q columns likewise.
/// Throws UserError for channels that do not match, groups that do not divide, and a filter larger than the padded x.
Tensor<4> conv2d(const Tensor<4>& x, const Tensor<4>& w, const std::optional<Tensor<1>>& bias = std::nullopt,
                 const Conv2dOptions& options = {}, std::string name = "y",
                 const CallSite& where = CallSite::current());

}  // namespace heddle
