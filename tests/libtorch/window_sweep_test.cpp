// tests/libtorch/window_sweep_test.cpp -- window arithmetic: sizes, strides, padding, dilation against libtorch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/libtorch/as_libtorch.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

/// Runs a use unless it is refused; true when it was run.
bool run_case(const std::string& use) {
    tools::Problem problem;
    try {
        problem = tools::make_problem(words_of(use));
    } catch (const UserError&) {
        return false;  // a window larger than the padded tensor
    }
    expect_as_libtorch(use, problem, tools::make_inputs(problem, 1, true));
    return true;
}

struct LibtorchWindows : testing::TestWithParam<int> {};  // of the size of x

TEST_P(LibtorchWindows, PoolsCountTheSameWindowsAndPoints) {
    int cases = 0;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int stride = 1; stride <= 5; ++stride)
            for (int padding = 0; padding <= kernel / 2; ++padding)
                for (const char* ceil : {"true", "false"}) {
                    const std::string window = fmt::format(
                        "x=f32:1x2x{}x{} kernel_size={},2 stride={},3 padding={},{} "
                        "ceil_mode={}",
                        GetParam(), GetParam() + 2, kernel, stride, padding, padding % 2, ceil);
                    cases += run_case("avg_pool2d " + window);
                    cases += run_case("avg_pool2d count_include_pad=false " + window);
                    cases += run_case("max_pool2d return_indices=true dilation=2,1 " + window);
                }
    EXPECT_GT(cases, 100);
}

TEST_P(LibtorchWindows, TransposedConvolutionsHaveTheSameSizeAndValues) {
    int cases = 0;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int stride = 1; stride <= 4; ++stride)
            for (int padding = 0; padding <= 2; ++padding)
                for (int dilation = 1; dilation <= 3; ++dilation)
                    for (int more = 0; more < std::max(stride, dilation); ++more)
                        cases +=
                            run_case(fmt::format("conv_transpose1d x=f32:1x2x{} w=f32:2x3x{} stride={} padding={} "
                                                 "dilation={} output_padding={}",
                                                 GetParam(), kernel, stride, padding, dilation, more));
    EXPECT_GT(cases, 200);
}

TEST_P(LibtorchWindows, ConvolutionsHaveTheSameSizeAndValues) {
    int cases = 0;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (int stride = 1; stride <= 3; ++stride)
            for (int dilation = 1; dilation <= 3; ++dilation)
                for (const char* padding : {"0", "1", "3", "same"})
                    for (const char* mode : {"zeros", "reflect", "replicate", "circular"})
                        cases +=
                            run_case(fmt::format("conv1d x=f32:1x2x{} w=f32:3x2x{} stride={} dilation={} "
                                                 "padding={} padding_mode={}",
                                                 GetParam(), kernel, stride, dilation, padding, mode));
    EXPECT_GT(cases, 150);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LibtorchWindows, testing::Values(4, 5, 6, 7, 8, 9, 10));

#else

TEST(LibtorchWindows, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
