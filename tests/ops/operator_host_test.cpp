// tests/ops/operator_host_test.cpp -- every operator under its default schedule, against evaluate().
#include <gtest/gtest.h>

#include <set>

#include "ops/registry.h"
#include "schedules/compare.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/compiled.h"
#include "tools/problem.h"

namespace heddle::test {
namespace {

struct OperatorHost : testing::TestWithParam<std::size_t> {};

// Whole numbers in, so that sums are the same in any order; functions such as exp may differ in the last bits.
TEST_P(OperatorHost, DefaultScheduleGivesWhatEvaluateGives) {
    const std::string& use = operator_uses()[GetParam()];
    const tools::Problem problem = tools::make_problem(words_of(use));
    double tolerance = 0;
    if (!is_exact_on_integers(problem.pipeline))
        for (const AnyTensor& output : problem.pipeline.outputs)
            tolerance = std::max(tolerance, 2 * tolerance_of(problem.pipeline, output.type()));
    const Compiled compiled(problem.pipeline, tools::make_inputs(problem, 1, true), tolerance);
    EXPECT_EQ(compiled.difference(), "") << use;
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "") << use;
}

INSTANTIATE_TEST_SUITE_P(Uses, OperatorHost, testing::Range(std::size_t{0}, operator_uses().size()),
                         [](const auto& info) { return test_name(operator_uses()[info.param], info.param); });

TEST(OperatorTable, EveryOperatorIsInTheSweep) {
    std::set<std::string> swept;
    for (const std::string& use : operator_uses()) swept.insert(words_of(use)[0]);
    for (const OperatorRow& row : operator_table()) EXPECT_EQ(swept.count(row.name), 1) << row.name;
}

TEST(OperatorTable, ExamplesAreLegal) {
    for (const OperatorRow& row : operator_table()) {
        EXPECT_EQ(row.example.find(row.name + " "), 0) << row.example;
        EXPECT_FALSE(pipeline_of(row.example).outputs.empty());
    }
}

}  // namespace
}  // namespace heddle::test
