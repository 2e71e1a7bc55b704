// tests/codegen/residue_class_test.cpp -- tests that are the same for a whole residue class are made once, outside.
#include <gtest/gtest.h>

#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

// The input gradient of a convolution with stride 2 and three taps, and of one with a single tap.
constexpr const char *three_taps =
                         "g: f32[33]\nw: f32[3]\ny: f32[64]\n"
                         "y[i] += zero(g)[(i+1)/2-a] * zero(w)[2*a+(i+1)%2] | a<2",
                     *one_tap = "g: f32[32,16]\nw: f32[1,16]\ny: f32[64]\ny[i] += g[i/2,k] * zero(w)[i%2,k]";
constexpr const char *tiled =
                         "split(i, 2) split(i.o, 4) reorder(i.i, i.o.o, a, i.o.i) unroll(i.o.i) clip(a) "
                         "partition(i.o.o) accumulate_in(registers, i.o.o)",
                     *by_class = "split(i, 2) reorder(i.i, i.o, k) accumulate_in(registers, i.o)";

std::string lowered(const char* text, const char* schedule) {
    const LoweredPlan plan =
        make_plan(parse_pipeline(text), parse_schedule(schedule), Target::parse("host:avx2"), {.verify = true});
    std::string statements;
    for (const PlanStep& step : plan.plan.steps) statements += print(step.function);
    return statements;
}

TEST(ResidueClass, EdgesAndTapsAreFoundThroughQuotients) {
    const std::string statements = lowered(three_taps, tiled);
    const std::size_t interior = statements.find("for i.o.o in [1, +7)");
    ASSERT_NE(interior, std::string::npos) << statements;
    EXPECT_NE(statements.find("for a in [0, +min(", interior), std::string::npos) << statements;
    EXPECT_EQ(statements.find("if ", interior), std::string::npos) << statements;
    EXPECT_EQ(Compiled(three_taps).difference(std::string(tiled), Target::parse("host:avx2")), "");
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
