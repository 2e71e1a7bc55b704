// tests/codegen/fuzzed_test.cpp -- programs that heddle_fuzz found wrong once, as small as they get.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

class Fuzzed : public testing::TestWithParam<const char*> {};

TEST_P(Fuzzed, GivesWhatEvaluateGives) {
    const Compiled compiled{std::string(GetParam())};
    for (const char* target : {"host", "host:avx2"})
        EXPECT_EQ(compiled.difference(std::optional<Schedule>(), Target::parse(target)), "");
}

INSTANTIATE_TEST_SUITE_P(
    Programs, Fuzzed,
    testing::Values("x: f32[1,2]; y: f32[5]\ny[i] max= zero(x)[i%4,i] | i<5",      // a quotient gone under a guard
                    "x: f32[1,2]; y: f32[5]\ny[i] = constant(x, 2)[i%4,i] | i<5",  // the same of a value
                    "x: f64[1,1]; y: f64[2,2]\ny[m,l] += select(l < 1, skip(x)[m-l,0], 0.0)"));  // no such element

}  // namespace
}  // namespace heddle::test
