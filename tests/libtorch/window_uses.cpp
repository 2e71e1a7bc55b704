// tests/libtorch/window_uses.cpp -- windows to hold against libtorch: kernel sizes, strides, padding, dilation.
#include "tests/libtorch/window_uses.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/ops/operator_uses.h"
#include "tools/problem.h"

namespace heddle::test {

std::vector<std::string> pool_windows(int stride_step) {
    std::vector<std::string> windows;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int stride = 1; stride <= 5; stride += stride_step)
            for (int padding = 0; padding <= kernel / 2; ++padding)
                for (const char* ceil : {"true", "false"})
                    windows.push_back(fmt::format("kernel_size={},2 stride={},3 padding={},{} ceil_mode={}", kernel,
                                                  stride, padding, padding % 2, ceil));
    return windows;
}

std::vector<std::string> transposed_windows(int dilations, bool every_output_padding) {
    std::vector<std::string> windows;
    for (int stride = 1; stride <= 4; ++stride)
        for (int padding = 0; padding <= 2; ++padding)
            for (int dilation = 1; dilation <= dilations; ++dilation) {
                const int most = std::max(stride, dilation) - 1;
                for (int more = every_output_padding ? 0 : most; more <= most; ++more)
                    windows.push_back(fmt::format("stride={} padding={} dilation={} output_padding={}", stride, padding,
                                                  dilation, more));
            }
    return windows;
}

std::vector<std::string> convolution_windows(int dilations, const std::vector<std::string>& paddings) {
    std::vector<std::string> windows;
    for (int stride = 1; stride <= 3; ++stride)
        for (int dilation = 1; dilation <= dilations; ++dilation)
            for (const std::string& padding : paddings)
                for (const char* mode : {"zeros", "reflect", "replicate", "circular"})
                    windows.push_back(fmt::format("stride={} dilation={} padding={} padding_mode={}", stride, dilation,
                                                  padding, mode));
    return windows;
}

int check_legal(const std::vector<std::string>& uses, const std::function<void(const std::string& use)>& check) {
    int checked = 0;
    for (const std::string& use : uses) {
        try {
            tools::make_problem(words_of(use));
        } catch (const UserError&) {
            continue;
        }
        check(use);
        ++checked;
    }
    return checked;
}

}  // namespace heddle::test
