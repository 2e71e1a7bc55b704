// tests/emulator/fuzzed_test.cpp -- programs whose emitted CUDA heddle_fuzz found wrong once, as small as they get.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"

namespace heddle::test {
namespace {

// Rows start at multiples of the vectors, and what is read of them does not: i%2 and -i%2 are each other's.
TEST(FuzzedCuda, RemaindersThatStartAnewWithinAVector) {
    const Pipeline pipeline = parse_pipeline("y: f32[3,5]\nw: f16[3,5]\ny[i,l] = w[i,(-i+l+2)%2]");
    EXPECT_EQ(emulated_difference(Compiled(pipeline), parse_schedule("y: vectorize(l)")), "");
}

// Eight elements are moved as two times four.
TEST(FuzzedCuda, RemaindersThatStartAnewBetweenWords) {
    const Pipeline pipeline = parse_pipeline("y: f32[3,8]\nw: f32[3,8]\ny[i,l] = w[i,(4*i+l)%8]");
    EXPECT_EQ(emulated_difference(Compiled(pipeline), parse_schedule("y: vectorize(l)")), "");
}

TEST(FuzzedCuda, RemaindersOfFewerThanAVectorHas) {
    const Pipeline pipeline = parse_pipeline("y: f32[3,8]\nw: f32[3,8]\ny[i,l] = w[i,l%4]");
    EXPECT_EQ(emulated_difference(Compiled(pipeline), parse_schedule("y: vectorize(l)")), "");
}

}  // namespace
}  // namespace heddle::test
