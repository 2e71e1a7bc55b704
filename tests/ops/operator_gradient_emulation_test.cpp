// tests/ops/operator_gradient_emulation_test.cpp -- the CUDA text of the gradients of every operator, executed, gives
// what evaluate() gives.
#include <gtest/gtest.h>

#include "tests/ops/operator_gradients.h"
#include "tests/support/cuda_emulator.h"

namespace heddle::test {
namespace {

constexpr int parts = 4;
class OperatorGradientEmulation : public testing::TestWithParam<int> {};

TEST_P(OperatorGradientEmulation, AgreesWithEvaluate) {
    std::vector<EmulationCase> cases;
    const std::vector<std::string>& uses = differentiable_uses();
    for (auto i = static_cast<std::size_t>(GetParam()); i < uses.size(); i += parts) {
        const OperatorGradient gradient(uses[i], 1, true);
        cases.push_back({uses[i], gradient.derived.pipeline, gradient.derived_inputs(), {}, gradient.tolerance()});
    }
    EXPECT_EQ(emulated_differences(cases), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Parts, OperatorGradientEmulation, testing::Range(0, parts));

}  // namespace
}  // namespace heddle::test
