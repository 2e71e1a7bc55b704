// tests/ops/operator_emulation_test.cpp -- the CUDA text of every operator's uses, executed, gives what evaluate()
// gives.
#include <gtest/gtest.h>

#include <algorithm>

#include "schedules/compare.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/cuda_emulator.h"
#include "tools/problem.h"

namespace heddle::test {
namespace {

constexpr int parts = 4;
class OperatorEmulation : public testing::TestWithParam<int> {};

TEST_P(OperatorEmulation, AgreesWithEvaluate) {
    std::vector<EmulationCase> cases;
    for (const std::string& use : operator_uses()) {
        const tools::Problem problem = tools::make_problem(words_of(use));
        double tolerance = 0;
        if (!is_exact_on_integers(problem.pipeline))
            for (const AnyTensor& output : problem.pipeline.outputs)
                tolerance = std::max(tolerance, 2 * tolerance_of(problem.pipeline, output.type()));
        cases.push_back({use, problem.pipeline, tools::make_inputs(problem, 1, true), {}, tolerance});
    }
    EXPECT_EQ(emulated_differences(part_of(cases, GetParam(), parts)), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Parts, OperatorEmulation, testing::Range(0, parts));

}  // namespace
}  // namespace heddle::test
