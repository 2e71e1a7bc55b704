// tests/libtorch/window_gradient_sweep_test.cpp -- gradients of windows: sizes, strides, padding, dilation, groups and
// remainders against libtorch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/libtorch/as_libtorch.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

/// Holds a use's gradients against libtorch's unless it is refused; true when it was held.
bool run_case(const std::string& use) {
    try {
        tools::make_problem(words_of(use));
    } catch (const UserError&) {
        return false;  // a window larger than the padded tensor, a mode that cannot fill the padding
    }
    expect_as_libtorch(OperatorGradient(use, 3));
    return true;
}

struct LibtorchWindowGradients : testing::TestWithParam<int> {};  // of the size of x

TEST_P(LibtorchWindowGradients, OfPools) {
    int cases = 0;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int stride = 1; stride <= 5; stride += 2)
            for (int padding = 0; padding <= kernel / 2; ++padding)
                for (const char* ceil : {"true", "false"}) {
                    const std::string window =
                        fmt::format("x=f64:1x2x{}x{} kernel_size={},2 stride={},3 padding={},{} ceil_mode={}",
                                    GetParam(), GetParam() + 2, kernel, stride, padding, padding % 2, ceil);
                    cases += run_case("avg_pool2d " + window);
                    cases += run_case("avg_pool2d count_include_pad=false " + window);
                    cases += run_case("max_pool2d dilation=2,1 " + window);
                    cases += run_case("min_pool2d " + window);
                }
    EXPECT_GT(cases, 60);
}

TEST_P(LibtorchWindowGradients, OfTransposedConvolutions) {
    int cases = 0;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int stride = 1; stride <= 4; ++stride)
            for (int padding = 0; padding <= 2; ++padding)
                for (int dilation = 1; dilation <= 2; ++dilation) {
                    const int more = std::max(stride, dilation) - 1;
                    cases +=
                        run_case(fmt::format("conv_transpose1d x=f64:1x4x{} w=f64:4x3x{} stride={} padding={} "
                                             "dilation={} output_padding={} groups=2 bias=f64:6",
                                             GetParam(), kernel, stride, padding, dilation, more));
                }
    EXPECT_GT(cases, 60);
}

TEST_P(LibtorchWindowGradients, OfConvolutions) {
    int cases = 0;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int stride = 1; stride <= 3; ++stride)
            for (int dilation = 1; dilation <= 2; ++dilation)
                for (const char* padding : {"0", "3", "same"})
                    for (const char* mode : {"zeros", "reflect", "replicate", "circular"})
                        cases +=
                            run_case(fmt::format("conv1d x=f64:1x2x{} w=f64:4x1x{} stride={} dilation={} "
                                                 "padding={} padding_mode={} groups=2 bias=f64:4",
                                                 GetParam(), kernel, stride, dilation, padding, mode));
    EXPECT_GT(cases, 80);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LibtorchWindowGradients, testing::Values(5, 8));

struct LibtorchFoldGradients : testing::TestWithParam<int> {};  // of the size of x

TEST_P(LibtorchFoldGradients, OfColumnsAndPadding) {
    const int size = GetParam();
    for (int kernel = 1; kernel <= 3; ++kernel)
        for (int stride = 1; stride <= 3; ++stride)
            for (int dilation = 1; dilation <= 2; ++dilation) {
                const int reach = dilation * (kernel - 1) + 1, windows = (size + 2 - reach) / stride + 1;
                const std::string window =
                    fmt::format("kernel_size={} stride={} dilation={} padding=1", kernel, stride, dilation);
                EXPECT_TRUE(run_case(fmt::format("im2col x=f64:1x2x{0}x{0} {1}", size, window)));
                EXPECT_TRUE(run_case(fmt::format("col2im x=f64:1x{}x{} output_size={},{} {}", 2 * kernel * kernel,
                                                 windows * windows, size, size, window)));
            }
    for (const char* mode : {"constant", "reflect", "replicate", "circular"})
        for (const char* amounts : {"1,3", "3,0,1,2", "0,2,3,1", "2,2,2,2"})
            EXPECT_TRUE(run_case(fmt::format("pad x=f64:2x{0}x{0} pad={1} mode={2}", size, amounts, mode)));
}

INSTANTIATE_TEST_SUITE_P(Sizes, LibtorchFoldGradients, testing::Values(5, 7));

#else

TEST(LibtorchWindowGradients, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
