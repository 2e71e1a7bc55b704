// tests/ops/operator_gradient_host_test.cpp -- gradients of every operator under their default schedules: what
// evaluate() gives, and the same bits at every run.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/ops/operator_gradients.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

bool same_bits(const NamedBuffers& a, const NamedBuffers& b) {
    for (const auto& [name, buffer] : a)
        if (std::memcmp(buffer.data(), b.at(name).data(),
                        static_cast<std::size_t>(buffer.elements() * bytes_of(buffer.type()))) != 0)
            return false;
    return true;
}

struct OperatorGradientHost : testing::TestWithParam<std::string> {};

// Whole numbers in, so that sums are the same in any order; others for the bits, where the order shows.
TEST_P(OperatorGradientHost, GivesWhatEvaluateGivesAndTheSameBitsIn20Runs) {
    const OperatorGradient whole(GetParam(), 1, true);
    const Kernel kernel = compile_here(whole.derived.pipeline);
    const NamedBuffers expected = evaluate(whole.derived.pipeline, whole.derived_inputs());
    for (const auto& [name, found] : run_kernel(kernel, whole.derived_inputs()))
        EXPECT_EQ(first_difference(name, found, expected.at(name), whole.tolerance()), "") << whole.use;
    const NamedBuffers inputs = OperatorGradient(GetParam(), 3).derived_inputs();
    const NamedBuffers first = run_kernel(kernel, inputs);
    for (int run = 1; run < 20; ++run) ASSERT_TRUE(same_bits(first, run_kernel(kernel, inputs))) << whole.use;
}

INSTANTIATE_TEST_SUITE_P(Uses, OperatorGradientHost, testing::ValuesIn(differentiable_uses()),
                         [](const auto& info) { return test_name(info.param, info.index); });

}  // namespace
}  // namespace heddle::test
