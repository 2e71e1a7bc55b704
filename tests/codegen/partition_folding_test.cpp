// tests/codegen/partition_folding_test.cpp -- a partitioned loop reads through a folding boundary as if there were
// none.
#include <gtest/gtest.h>

#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "schedules/schedule.h"

namespace heddle::test {
namespace {

std::string lowered(const std::string& boundary, const std::string& schedule) {
    const Pipeline pipeline = parse_pipeline("x: f32[64]\ny: f32[64]\ny[i] += " + boundary + "(x)[i+r-1] | r<3");
    const LoweredPlan plan =
        make_plan(pipeline, parse_schedule(schedule), Target::parse("host:avx2"), {.verify = true});
    std::string text;
    for (const PlanStep& step : plan.plan.steps) text += print(step.function);
    return text;
}

class Folding : public ::testing::TestWithParam<const char*> {};
TEST_P(Folding, VanishesInTheInterior) {
    const std::string partitioned = lowered(GetParam(), "split(i, 8) partition(i.o)");
    EXPECT_NE(partitioned.find("for i.o in [1, +6)"), std::string::npos) << partitioned;
    EXPECT_NE(partitioned.find("x[r+8*i.o+i.i-1]"), std::string::npos) << partitioned;
    const std::string whole = lowered(GetParam(), "split(i, 8)");
    EXPECT_EQ(whole.find("x[r+8*i.o+i.i-1]"), std::string::npos) << whole;
}
INSTANTIATE_TEST_SUITE_P(Boundaries, Folding, ::testing::Values("replicate", "reflect", "symmetric", "circular"));

}  // namespace
}  // namespace heddle::test
