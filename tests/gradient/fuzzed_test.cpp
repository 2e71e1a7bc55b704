// tests/gradient/fuzzed_test.cpp -- gradients that heddle_fuzz found wrong once, as small as they get.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/gradient_difference.h"

namespace heddle::test {
namespace {

struct Program {
    const char* name;
    const char* text;
    std::vector<std::string> linear_in;
};
void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

class FuzzedGradient : public testing::TestWithParam<Program> {};

TEST_P(FuzzedGradient, IsWhatTheOutputDoes) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    for (const char* target : {"host", "host:avx2"})
        EXPECT_EQ(gradient_difference(pipeline, GetParam().linear_in, Target::parse(target)), "");
}

INSTANTIATE_TEST_SUITE_P(
    Programs, FuzzedGradient,
    testing::Values(Program{"remainder_of_a_variable_with_one_value",
                            "x: f64[8,4,15]; b: f64[1]; y: f64[1,8]\ny[i,l] += b[i] * x[l,(2*i)%4,2*l+i] | i<1 l<8",
                            {"x", "b"}},
                    Program{"quotient_that_is_always_0",
                            "b: f64[1]; x: f64[4]; y: f64[5,5]\ny[i,j] += b[s/3] * (zero(x)[i-1] + 3) | i<5 j<5 s<3",
                            {"b", "x"}}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace heddle::test
