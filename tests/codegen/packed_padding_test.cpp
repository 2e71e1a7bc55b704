// tests/codegen/packed_padding_test.cpp -- packed copies of padded reads: what lies outside still takes no part.
#include <gtest/gtest.h>

#include <limits>

#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

const char* sum = "x: f32[9]\nw: f32[3]\ny: f32[10]\ny[i] += zero(x)[i/2-a+1] * zero(w)[2*a+(i+1)%2] | a<2";

TEST(PackedPadding, GivesTheSameValues) {
    for (const char* schedule :
         {"split(i, 2) reorder(i.i, i.o, a) pack(w, {i.i, a})",
          "split(i, 2) reorder(i.i, i.o, a) clip(a) pack(w, {i.i, a})", "split(i, 2) pack(x, {i.o, a})"})
        EXPECT_EQ(Compiled(sum).difference(std::string(schedule)), "") << schedule;
}

TEST(PackedPadding, AddsNothingBesideAnInfinity) {
    const Pipeline pipeline = parse_pipeline(sum);
    NamedBuffers inputs = Compiled(pipeline).inputs();
    inputs.at("x").as<float>()[4] = std::numeric_limits<float>::infinity();
    EXPECT_EQ(Compiled(pipeline, inputs).difference("split(i, 2) reorder(i.i, i.o, a) pack(w, {i.i, a})"), "");
}

TEST(PackedPadding, LeavesPointsOutOfAMaximum) {
    const char* maximum = "x: f32[20]\ny: f32[20]\ny[i] max= skip(x)[i+r-1] | r<3";
    EXPECT_EQ(Compiled(maximum).difference("pack(x, {r, i})"), "");
}

}  // namespace
}  // namespace heddle::test
