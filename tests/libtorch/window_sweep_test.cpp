// tests/libtorch/window_sweep_test.cpp -- window arithmetic: sizes, strides, padding, dilation against libtorch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/libtorch/as_libtorch.h"
#include "tests/libtorch/window_uses.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

/// How many of the uses are not refused; each is held against libtorch.
int run_cases(const std::vector<std::string>& uses) {
    return check_legal(uses, [](const std::string& use) {
        const tools::Problem problem = tools::make_problem(words_of(use));
        expect_as_libtorch(use, problem, tools::make_inputs(problem, 1, true));
    });
}

struct LibtorchWindows : testing::TestWithParam<int> {};  // of the size of x

TEST_P(LibtorchWindows, PoolsCountTheSameWindowsAndPoints) {
    std::vector<std::string> uses;
    for (const std::string& window : pool_windows(1))
        for (const char* pool :
             {"avg_pool2d", "avg_pool2d count_include_pad=false", "max_pool2d return_indices=true dilation=2,1"})
            uses.push_back(fmt::format("{} x=f32:1x2x{}x{} {}", pool, GetParam(), GetParam() + 2, window));
    EXPECT_GT(run_cases(uses), 100);
}

TEST_P(LibtorchWindows, TransposedConvolutionsHaveTheSameSizeAndValues) {
    std::vector<std::string> uses;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (const std::string& window : transposed_windows(3, true))
            uses.push_back(fmt::format("conv_transpose1d x=f32:1x2x{} w=f32:2x3x{} {}", GetParam(), kernel, window));
    EXPECT_GT(run_cases(uses), 200);
}

TEST_P(LibtorchWindows, ConvolutionsHaveTheSameSizeAndValues) {
    std::vector<std::string> uses;
    for (int kernel = 1; kernel <= 4; ++kernel)
        for (const std::string& window : convolution_windows(3, {"0", "1", "3", "same"}))
            uses.push_back(fmt::format("conv1d x=f32:1x2x{} w=f32:3x2x{} {}", GetParam(), kernel, window));
    EXPECT_GT(run_cases(uses), 150);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LibtorchWindows, testing::Values(4, 5, 6, 7, 8, 9, 10));

#else

TEST(LibtorchWindows, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
