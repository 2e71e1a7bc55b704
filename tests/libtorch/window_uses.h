// tests/libtorch/window_uses.h -- windows to hold against libtorch: kernel sizes, strides, padding, dilation.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace heddle::test {

/// Of a pool: kernels 1 to 4, strides 1 to 5 by `stride_step`, all padding, both roundings of the result's size.
std::vector<std::string> pool_windows(int stride_step);
/// Of a transposed convolution: strides 1 to 4, padding 0 to 2, dilations up to `dilations`;
/// the largest output padding, or every one.
std::vector<std::string> transposed_windows(int dilations, bool every_output_padding);
/// Of a convolution: strides 1 to 3, dilations up to `dilations`, each of `paddings` in all modes.
std::vector<std::string> convolution_windows(int dilations, const std::vector<std::string>& paddings);

/// Hands the uses that are not refused (a window larger than the padded tensor, a mode that cannot fill the padding) to
/// `check`; how many there were.
int check_legal(const std::vector<std::string>& uses, const std::function<void(const std::string& use)>& check);

}  // namespace heddle::test
