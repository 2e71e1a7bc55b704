// tests/codegen/residue_class_test.cpp -- tests of a residue class are made once, outside, and are constants at edges.
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

TEST(ResidueClass, EdgesAreWrittenForEachClass) {
    const char* taps =
        "g: f32[32,16]\nw: f32[3,16]\ny: f32[64]\ny[i] += zero(g)[(i+1)/2-a,k] * zero(w)[2*a+(i+1)%2,k] | a<2";
    const std::string edges =
        "split(i, 2) split(i.o, 6) reorder(i.i, i.o.o, a, k, i.o.i) unroll(i.o.i) clip(a) "
        "partition(i.o.o) accumulate_in(registers, i.o.o)";
    const std::string statements = lowered(taps, edges.c_str());
    EXPECT_NE(statements.find("if i.i == 1"), std::string::npos) << statements;
    for (std::size_t at = 0; (at = statements.find("if ", at)) != std::string::npos; ++at)
        EXPECT_EQ(statements.substr(at, statements.find('\n', at) - at).find("i.i + 1"), std::string::npos)
            << statements;
    for (const char* target : {"host:avx2", "host:avx512"})
        EXPECT_EQ(Compiled(taps).difference(edges, Target::parse(target)), "") << target;
}

}  // namespace
}  // namespace heddle::test
