// ops/textbook_gradients.h -- the gradients of a convolution as convolutions, with the corrections that they need.
//
// For y = conv(x, w) with stride s, padding p and dilation d, an input of H, a filter of A taps, and
//     P = floor((H + 2p - d(A-1) - 1) / s) + 1,    rho = (H + 2p - d(A-1) - 1) mod s   (what the division leaves over),
// let dy* be dy with s-1 zeros between its elements, s(P-1) + 1 long.
// - dw = conv(x, dy*) over the images in the place of channels, with stride d and the forward's own padding p. It has
//   A + floor(rho/d) taps, of which the first A are the gradient.
// - dx = conv(dy* padded with d(A-1) - p zeros, and rho more at its end; w flipped) with stride 1 and dilation d.
// Without
//   the rho it has H - rho elements. A negative padding cuts off.
#pragma once

#include <string>
#include <vector>

#include "dsl/tensor.h"
#include "ops/conv.h"

namespace heddle {

/// The gradient of conv(x, w, ..., options) for x of this shape (N C H W) as a convolution of `dy` with the flipped
/// `w`: stages `dy_dilated`, `w_flipped` and the result. Throws UserError for groups, another boundary than zero,
/// another layout than NCHW and KCRS, and a dy of another shape than the convolution gives.
AnyTensor conv_input_gradient_by_flipping(const AnyTensor& dy, const AnyTensor& w, const std::vector<Extent>& x_shape,
                                          const ConvOptions& options = {}, std::string name = "dx",
                                          const CallSite& where = CallSite::current());

/// The gradient for w of this shape (K C R S) as a convolution of `x` with the dilated `dy`: stages `x_by_channel`,
/// `dy_dilated`, `dw_by_channel` and the result. Throws as the function above.
AnyTensor conv_weight_gradient_by_dilation(const AnyTensor& x, const AnyTensor& dy, const std::vector<Extent>& w_shape,
                                           const ConvOptions& options = {}, std::string name = "dw",
                                           const CallSite& where = CallSite::current());

}  // namespace heddle
