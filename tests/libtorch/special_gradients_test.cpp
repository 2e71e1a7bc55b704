// tests/libtorch/special_gradients_test.cpp -- gradients at ties, NaN, infinities and ignored classes, as libtorch's.
#include <gtest/gtest.h>

#include <limits>

#include "tests/libtorch/as_libtorch.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/buffers.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

void expect_with(const std::string& use, const NamedBuffers& inputs) {
    OperatorGradient gradient(use, 1);
    for (const auto& [name, buffer] : inputs) gradient.inputs[name] = buffer;
    expect_as_libtorch(gradient);
}

const Buffer rows =
    buffer_of(f32, {1, 4, 9}, {1,    1, 1,    -inf, -inf, -inf, inf, inf, inf,  //
                               nan,  1, nan,  nan,  nan,  2,    inf, nan, -inf, -inf, -inf, -inf, -inf, -inf,
                               -inf, 0, -0.0, 0,    3,    nan,  3,   3,   3,    nan,  3,    3,    3});

TEST(LibtorchSpecialGradients, MaxPoolPassesItToTheFirstOfEqualElementsAndTheLastNaN) {
    for (const char* name : {"max_pool1d", "min_pool1d"})
        for (const char* options :
             {" kernel_size=3", " kernel_size=3 stride=1 padding=1", " kernel_size=2 stride=1 dilation=2",
              " kernel_size=3 stride=2 padding=1 ceil_mode=true", " kernel_size=9"})
            expect_with(std::string(name) + " x=f32:1x4x9" + options, {{"x", rows}});
    expect_with("max_pool1d x=f32:1x4x9 kernel_size=3 stride=1 return_indices=true", {{"x", rows}});
    expect_with("global_max_pool1d x=f32:1x4x9", {{"x", rows}});
}

TEST(LibtorchSpecialGradients, ActivationsOfExtremes) {
    const Buffer x = buffer_of(f32, {8}, {0, -0.0, 80, -80, 1e-30, nan, 5, 20});
    for (const char* name : {"relu", "sigmoid", "tanh", "silu", "gelu"})
        expect_with(std::string(name) + " x=f32:8", {{"x", x}});
    expect_with("gelu x=f32:8 approximate=tanh", {{"x", x}});
}

TEST(LibtorchSpecialGradients, SoftmaxOfLargeNumbersDoesNotOverflow) {
    const Buffer x = buffer_of(f32, {3, 3}, {1e4, 1e4 - 1, -1e4, -1e30, -1e30, -1e30, -inf, 0, 1});
    expect_with("softmax x=f32:3x3", {{"x", x}});
    expect_with("log_softmax x=f32:3x3", {{"x", x}});
    expect_with("cross_entropy x=f32:3x3 target=i64:3", {{"x", x}, {"target", buffer_of(i64, {3}, {0, 1, 2})}});
}

TEST(LibtorchSpecialGradients, IgnoredClassesCountNowhere) {
    const Buffer target = buffer_of(i64, {5}, {2, -100, 0, 3, 2});
    for (const char* reduction : {"none", "mean", "sum"})
        for (const char* options : {"", " label_smoothing=0.2", " weight=f32:4"})
            expect_with(std::string("cross_entropy x=f32:5x4 target=i64:5 reduction=") + reduction + options,
                        {{"target", target}});
}

TEST(LibtorchSpecialGradients, NormsOfNothing) {
    const Buffer x = buffer_of(f32, {1, 1, 6}, {0, 0, 1, -1, 2, 0});
    for (const char* norm : {"1", "2", "3", "4"})
        expect_with(std::string("lp_pool1d x=f32:1x1x6 norm_type=") + norm, {{"x", x}});
}

#else

TEST(LibtorchSpecialGradients, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
