// tests/libtorch/special_values_test.cpp -- ties, NaN, infinities and ignored classes, as libtorch treats them.
#include <gtest/gtest.h>

#include <limits>

#include "tests/libtorch/as_libtorch.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/buffers.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

void expect_with(const std::string& use, NamedBuffers inputs) {
    const tools::Problem problem = tools::make_problem(words_of(use));
    NamedBuffers all = tools::make_inputs(problem, 1);
    for (auto& [name, buffer] : inputs) all[name] = buffer;
    expect_as_libtorch(use, problem, all);
}

TEST(LibtorchSpecialValues, MaxPoolTakesTheFirstOfEqualElementsAndTheLastNaN) {
    for (const std::string options :
         {"kernel_size=3", "kernel_size=3 stride=1 padding=1", "kernel_size=2 stride=1 dilation=2"})
        expect_with("max_pool1d return_indices=true x=f32:1x4x9 " + options,
                    {{"x", buffer_of(f32, {1, 4, 9},
                                     {1,    1, 1,    -inf, -inf, -inf, inf, inf, inf,  //
                                      nan,  1, nan,  nan,  nan,  2,    inf, nan, -inf, -inf, -inf, -inf, -inf, -inf,
                                      -inf, 0, -0.0, 0,    3,    nan,  3,   3,   3,    nan,  3,    3,    3})}});
}

TEST(LibtorchSpecialValues, UnpoolKeepsTheLastOfSeveral) {
    expect_with("max_unpool2d x=f32:1x1x2x2 indices=i64:1x1x2x2",
                {{"x", buffer_of(f32, {1, 1, 2, 2}, {4, 3, 2, -inf})},
                 {"indices", buffer_of(i64, {1, 1, 2, 2}, {5, 5, 0, 0})}});
}

TEST(LibtorchSpecialValues, SoftmaxOfLargeNumbersDoesNotOverflow) {
    const Buffer x = buffer_of(f32, {3, 3}, {1e4, 1e4 - 1, -1e4, -1e30, -1e30, -1e30, -inf, 0, 1});
    for (const char* name : {"softmax", "log_softmax"}) expect_with(std::string(name) + " x=f32:3x3", {{"x", x}});
}

TEST(LibtorchSpecialValues, IgnoredClassesCountNowhere) {
    const Buffer target = buffer_of(i64, {5}, {2, -100, 0, 3, 2});
    for (const std::string reduction : {"none", "mean", "sum"})
        for (const std::string options :
             {"", " label_smoothing=0.2", " weight=f32:4", " weight=f32:4 label_smoothing=0.2"})
            for (const std::string ignored : {"", " ignore_index=2"}) {
                const Buffer inside = buffer_of(i64, {5}, {2, 1, 0, 3, 2});
                expect_with("cross_entropy x=f32:5x4 target=i64:5 reduction=" + reduction + options + ignored,
                            {{"target", ignored.empty() ? target : inside}});
            }
}

TEST(LibtorchSpecialValues, ActivationsOfExtremes) {
    const Buffer x = buffer_of(f32, {8}, {0, -0.0, 100, -100, 1e-30, nan, inf, 20});
    for (const char* name : {"relu", "sigmoid", "tanh", "silu", "gelu"})
        expect_with(std::string(name) + " x=f32:8", {{"x", x}});
    expect_with("gelu x=f32:8 approximate=tanh", {{"x", x}});
}

#else

TEST(LibtorchSpecialValues, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
