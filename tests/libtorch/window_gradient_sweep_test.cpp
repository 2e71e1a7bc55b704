// tests/libtorch/window_gradient_sweep_test.cpp -- gradients of windows: sizes, strides, padding, dilation, groups and
// remainders against libtorch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/libtorch/as_libtorch.h"
#include "tests/libtorch/window_uses.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

/// How many of the uses are not refused; the gradients of each are held against libtorch's.
int run_cases(const std::vector<std::string>& uses) {
    return check_legal(uses, [](const std::string& use) { expect_as_libtorch(OperatorGradient(use, 3)); });
}

struct LibtorchWindowGradients : testing::TestWithParam<int> {};  // of the size of x

TEST_P(LibtorchWindowGradients, OfPools) {
    std::vector<std::string> uses;
    for (const std::string& window : pool_windows(2))
        for (const char* pool :
             {"avg_pool2d", "avg_pool2d count_include_pad=false", "max_pool2d dilation=2,1", "min_pool2d"})
            uses.push_back(fmt::format("{} x=f64:1x2x{}x{} {}", pool, GetParam(), GetParam() + 2, window));
    EXPECT_GT(run_cases(uses), 60);
}

TEST_P(LibtorchWindowGradients, OfTransposedConvolutions) {
    std::vector<std::string> uses;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (const std::string& window : transposed_windows(2, false))
            uses.push_back(fmt::format("conv_transpose1d x=f64:1x4x{} w=f64:4x3x{} groups=2 bias=f64:6 {}", GetParam(),
                                       kernel, window));
    EXPECT_GT(run_cases(uses), 60);
}

TEST_P(LibtorchWindowGradients, OfConvolutions) {
    std::vector<std::string> uses;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (const std::string& window : convolution_windows(2, {"0", "3", "same"}))
            uses.push_back(
                fmt::format("conv1d x=f64:1x2x{} w=f64:4x1x{} groups=2 bias=f64:4 {}", GetParam(), kernel, window));
    EXPECT_GT(run_cases(uses), 80);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LibtorchWindowGradients, testing::Values(5, 8));

struct LibtorchFoldGradients : testing::TestWithParam<int> {};  // of the size of x

TEST_P(LibtorchFoldGradients, OfColumnsAndPadding) {
    const int size = GetParam();
    std::vector<std::string> uses;
    for (int kernel = 1; kernel <= 3; ++kernel)
        for (int stride = 1; stride <= 3; ++stride)
            for (int dilation = 1; dilation <= 2; ++dilation) {
                const int reach = dilation * (kernel - 1) + 1, windows = (size + 2 - reach) / stride + 1;
                const std::string window =
                    fmt::format("kernel_size={} stride={} dilation={} padding=1", kernel, stride, dilation);
                uses.push_back(fmt::format("im2col x=f64:1x2x{0}x{0} {1}", size, window));
                uses.push_back(fmt::format("col2im x=f64:1x{}x{} output_size={},{} {}", 2 * kernel * kernel,
                                           windows * windows, size, size, window));
            }
    for (const char* mode : {"constant", "reflect", "replicate", "circular"})
        for (const char* amounts : {"1,3", "3,0,1,2", "0,2,3,1", "2,2,2,2"})
            uses.push_back(fmt::format("pad x=f64:2x{0}x{0} pad={1} mode={2}", size, amounts, mode));
    EXPECT_EQ(run_cases(uses), static_cast<int>(uses.size()));
}

INSTANTIATE_TEST_SUITE_P(Sizes, LibtorchFoldGradients, testing::Values(5, 7));

#else

TEST(LibtorchWindowGradients, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
