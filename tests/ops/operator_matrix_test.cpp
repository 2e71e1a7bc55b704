// tests/ops/operator_matrix_test.cpp -- the matrix of a linear operator's gradient is the transpose of its own, entry
// by entry.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/toeplitz.h"
#include "tests/ops/operator_gradients.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

bool is_linear(const std::string& use) {
    for (const char* name : {"conv", "depthwise", "separable", "avg_pool", "global_avg", "max_unpool", "im2col",
                             "col2im", "pad", "linear", "add", "mul", "scale"})
        if (use.rfind(name, 0) == 0) return true;
    return use.find("norm_type=1") != std::string::npos;
}

std::vector<std::string> uses_that_are(bool linear) {
    std::vector<std::string> uses;
    for (const std::string& use : differentiable_uses())
        if (is_linear(use) == linear) uses.push_back(use);
    return uses;
}

struct OperatorMatrix : testing::TestWithParam<std::string> {};

TEST_P(OperatorMatrix, OfTheGradientIsTheTranspose) {
    const OperatorGradient gradient(in_double(GetParam()), 1, true);
    const Pipeline &forward = gradient.forward.written, &backward = gradient.derived.written;
    for (std::size_t i = 0; i < gradient.wrt.size(); ++i) {
        const CsrMatrix matrix = toeplitz(forward.outputs[0], forward.find(gradient.wrt[i]), gradient.inputs);
        const CsrMatrix adjoint = toeplitz(backward.outputs[i], backward.find("dy"), gradient.inputs);
        EXPECT_GT(matrix.entries(), 0);
        EXPECT_TRUE(adjoint == matrix.transposed()) << gradient.use << ", by " << gradient.wrt[i] << "\n"
                                                    << print(Pipeline::of({backward.outputs[i]}));
    }
}

INSTANTIATE_TEST_SUITE_P(Uses, OperatorMatrix, testing::ValuesIn(uses_that_are(true)),
                         [](const auto& info) { return test_name(info.param, info.index); });

TEST(OperatorMatrix, IsRefusedOfOtherOperators) {
    for (const std::string& use : uses_that_are(false)) {
        const OperatorGradient gradient(use);
        const Pipeline& forward = gradient.forward.written;
        expect_refusal([&] { toeplitz(forward.outputs[0], forward.find("x"), gradient.inputs); }, "not linear in x");
    }
}

}  // namespace
}  // namespace heddle::test
