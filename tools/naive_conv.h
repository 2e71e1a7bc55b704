// tools/naive_conv.h -- the yardstick: a convolution as plain loops, compiled as hard as the compiler can.
#pragma once

#include "ops/conv.h"
#include "runtime/buffer.h"

namespace heddle::tools {

/// y = conv2d(x, w) with zero padding, on f32: one thread, seven loops (n, k, p, q, then r, s, c), built with -O3
/// for this machine. Views in the orders N C H W, K C R S and N K P Q, with whatever strides:
/// `naive_conv(x_nhwc.permuted({0, 3, 1, 2}), ...)`. Only stride, padding, dilation and groups of the options count.
/// Throws UserError for another type than f32 and for shapes that do not belong together.
void naive_conv(const Buffer& x, const Buffer& w, const Buffer& y, const ConvOptions& options);

}  // namespace heddle::tools
