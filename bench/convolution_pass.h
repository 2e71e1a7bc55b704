// bench/convolution_pass.h -- what is computed of a convolution: its output, or a gradient.
#pragma once

#include <cstdint>

namespace heddle::bench {

/// y of x, w; dx of dy, w; dw of x, dy.
enum class ConvolutionPass : std::uint8_t { forward, backward_data, backward_filter };

}  // namespace heddle::bench
