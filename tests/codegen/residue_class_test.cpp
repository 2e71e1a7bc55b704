// tests/codegen/residue_class_test.cpp -- tests that are the same for a whole residue class are made once, outside.
#include <gtest/gtest.h>

#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

// The input gradient of a convolution with stride 2 and a single tap.
constexpr const char *one_tap = "g: f32[32,16]\nw: f32[1,16]\ny: f32[64]\ny[i] += g[i/2,k] * zero(w)[i%2,k]",
                     *by_class = "split(i, 2) reorder(i.i, i.o, k) accumulate_in(registers, i.o)";

std::string lowered(const char* text, const char* schedule) {
    const LoweredPlan plan =
        make_plan(parse_pipeline(text), parse_schedule(schedule), Target::parse("host:avx2"), {.verify = true});
    std::string statements;
    for (const PlanStep& step : plan.plan.steps) statements += print(step.function);
    return statements;
}

TEST(ResidueClass, WithoutTapsRunsNoLoop) {
    const std::string statements = lowered(one_tap, by_class);
    const std::size_t test = statements.find("if i.i < 1");
    ASSERT_NE(test, std::string::npos) << statements;
    EXPECT_GT(statements.find("for k in"), test) << statements;
    EXPECT_EQ(Compiled(one_tap).difference(std::string(by_class), Target::parse("host:avx2")), "");
}

}  // namespace
}  // namespace heddle::test
