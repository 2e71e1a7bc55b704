// tests/libtorch/loss_gradient_sweep_test.cpp -- gradients of softmax and cross entropy under all their options,
// against libtorch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/libtorch/as_libtorch.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

struct LibtorchLossGradients : testing::TestWithParam<const char*> {};  // of the reduction

TEST_P(LibtorchLossGradients, OfCrossEntropy) {
    for (const char* smoothing : {"0", "0.2", "1"})
        for (const char* weight : {"", "weight=f64:4"})
            for (const char* target :
                 {"x=f64:5x4 target=i64:5", "x=f64:5x4 target=i64:5 ignore_index=2", "x=f64:5x4 target=f64:5x4",
                  "x=f64:2x4x3 target=i32:2x3 ignore_index=0", "x=f64:2x4x3x2 target=f64:2x4x3x2"})
                expect_as_libtorch(OperatorGradient(fmt::format("cross_entropy {} reduction={} label_smoothing={} {}",
                                                                target, GetParam(), smoothing, weight),
                                                    11));
}

INSTANTIATE_TEST_SUITE_P(Reductions, LibtorchLossGradients, testing::Values("none", "mean", "sum"),
                         [](const auto& info) { return std::string(info.param); });

TEST(LibtorchSoftmaxGradients, OverEveryDimension) {
    for (const char* name : {"softmax", "log_softmax"})
        for (const int dim : {-3, -1, 0, 1})
            expect_as_libtorch(OperatorGradient(fmt::format("{} x=f64:3x4x5 dim={}", name, dim), 13));
}

#else

TEST(LibtorchLossGradients, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
