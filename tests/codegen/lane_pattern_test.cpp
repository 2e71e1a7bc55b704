// tests/codegen/lane_pattern_test.cpp -- lanes that read at quotients, remainders and strides load vectors and permute.
#include <gtest/gtest.h>

#include "codegen/emit_llvm.h"
#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

struct Case {
    const char *name, *text, *schedule;
};
std::ostream& operator<<(std::ostream& stream, const Case& c) { return stream << c.name; }

const char* by_16 = "split(j, 16) vectorize(j.i)";
const Case cases[] = {
    {"quotient", "x: f32[40]\ny: f32[64]\ny[j] = x[(j+1)/2]", by_16},
    {"quotient_by_three", "x: f32[40]\ny: f32[96]\ny[j] = x[j/3+2]", by_16},
    {"remainder", "x: f32[8]\ny: f32[64]\ny[j] = x[(j+3)%4+2]", by_16},
    {"groups", "x: f32[3,64]\ny: f32[3,64]\ny[i,j] += x[i,4*(j/4)+c] | c<4",
     "split(j, 16) reorder(i, j.o, c, j.i) vectorize(j.i)"},
    {"stride", "x: f32[5,130]\ny: f32[5,64]\ny[i,j] = x[i,2*j+1]", by_16},
    {"stride_of_three", "x: u8[200]\ny: u8[64]\ny[j] = x[3*j+1]", by_16},
    {"backwards", "x: f64[64]\ny: f64[64]\ny[j] = x[63-j]", by_16},
    {"tail", "x: f32[101]\ny: f32[50]\ny[j] = x[2*j+1]", by_16},
    {"tail_of_quotients", "x: f32[27]\ny: f32[51]\ny[j] = x[(j+1)/2-j%2+1]", by_16},
    {"edges", "x: f32[20]\ny: f32[43]\ny[j] = zero(x)[(j+1)/2-1]", by_16},
    {"edges_of_strides", "x: i32[90]\ny: i32[47]\ny[j] = replicate(x)[2*j-3]", by_16},
    {"partitioned", "x: f32[33]\ny: f32[64]\ny[j] += zero(x)[(j+1)/2-a] | a<2",
     "split(j, 16) reorder(j.o, a, j.i) vectorize(j.i) partition(j.o)"},
    {"conditions", "x: f32[64]\ny: f32[64]\ny[j] = select((j+1)%2+2*(j/2) < 31, x[j], x[(j+1)%2])", by_16},
    {"quotients_that_do_not_divide", "x: f32[3,50]\ny: f32[3,7]\ny[i,j] = x[i,(7*i+j)/2]",
     "split(j, 4) vectorize(j.i)"},
    {"counted_together", "x: f32[6,8]\ny: f32[48]\ny[j] = x[j/8,j%8]", by_16},
    {"counted_together_from_data",
     "t: i32[64]\nx: f32[3,6,8]\ny: f32[3,64]\ny[i,j] = x[i,index_clamped(t[j],48)/8,index_clamped(t[j],48)%8]", by_16},
    {"of_other_extents", "x: f32[6,9]\ny: f32[48]\ny[j] = x[j/8,j%8]", by_16},
    {"far_apart", "x: f32[20,64]\ny: f32[64]\ny[j] = x[j%20,j]", by_16},
};

class LanePattern : public ::testing::TestWithParam<Case> {};
TEST_P(LanePattern, GivesTheSameValues) {
    for (const char* target : {"host:avx512", "host:avx2", "host:sse"})
        EXPECT_EQ(Compiled(GetParam().text).difference(std::string(GetParam().schedule), Target::parse(target)), "")
            << target;
}
INSTANTIATE_TEST_SUITE_P(Indices, LanePattern, ::testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

std::string code_of(const Case& c) {
    const LoweredPlan plan =
        make_plan(parse_pipeline(c.text), parse_schedule(c.schedule), Target::parse("host:avx512"));
    std::vector<HostFunctionInput> functions;
    for (const PlanStep& step : plan.plan.steps) functions.push_back({&step.function, {}});
    return emit_host_text(functions, Target::parse("host:avx512"), HostText::llvm);
}

TEST(LanePattern, NeighboursAreNotGathered) {
    for (const Case& c : cases) {
        const std::string name = c.name, code = code_of(c);
        // 16 lanes at thirds lie otherwise in each vector; clamped strides have no pattern.
        const bool gathers = name == "far_apart" || name == "quotients_that_do_not_divide" ||
                             name == "quotient_by_three" || name == "edges_of_strides" ||
                             name == "counted_together_from_data";
        EXPECT_EQ(code.find("masked.gather") != std::string::npos, gathers) << name << "\n" << code;
    }
}

TEST(LanePattern, RowsWithoutAKnownLengthAreNotGatheredEither) {
    const std::string pool =
        "A in [1,4096]; B in [1,4096]\nx: f32[A,B]; y: f32[A,(B-1)/2+1]\ny[p,q] max= skip(x)[p+r-1,2*q+s-1] | r<3 s<3";
    const Schedule schedule = default_schedule(parse_pipeline(pool), Target::parse("host:avx512"));
    const std::string code = code_of({"", pool.c_str(), print(schedule).c_str()});
    EXPECT_EQ(code.find("masked.gather"), std::string::npos) << print(schedule) << "\n" << code;
}

}  // namespace
}  // namespace heddle::test
