// tests/codegen/row_ends_test.cpp -- tests of rows that vectors do not divide stand at their ends alone.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "dsl/parse.h"

namespace heddle::test {
namespace {

std::string text_of(const std::string& definition, const std::string& directives) {
    const Pipeline pipeline = parse_pipeline(definition);
    const Schedule schedule = parse_schedule(directives);
    std::string text;
    for (const CudaSource& source : cuda_sources(make_plan(pipeline, schedule, Target::cuda(90)), schedule))
        text += source.text.substr(source.text.find("__global__"));
    return text;
}

int count(const std::string& text, const std::string& part) {
    int times = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
    return times;
}

const char* const doubled = "x: f16[9,1781]\ny: f16[9,1781]\ny[i,j] = x[i,j] * 2.0";

TEST(RowEnds, OnlyTheFirstAndTheLastStepTest) {
    const std::string steps =
        "split(j, 8) split(j.o, 32) bind(i, block_x) bind(j.o.i, thread_x) vectorize(j.i) "
        "cache_in(x, registers, i, loop_coordinates)";
    const std::string unrolled = text_of(doubled, "align(j, x, 8) " + steps + " unroll(j.o.o)");
    EXPECT_EQ(count(unrolled, "load_pack_between<8, int>("), 2) << unrolled;
    EXPECT_EQ(count(unrolled, "= load_pack<8>("), 1) << unrolled;
    const std::string rolled = text_of(doubled, "align(j, x, 8) " + steps);
    EXPECT_LT(count(rolled, "store_pack("), count(unrolled, "store_pack(")) << rolled;  // a loop's body stands once
}

TEST(RowEnds, WhatDoesNotMoveWithALoopIsTestedOutside) {
    const std::string text =
        text_of("x: f32[100,8]\ny[i] += x[i,j] * 2.0", "split(i, 32) bind(i.o, block_x) bind(i.i, thread_x) unroll(j)");
    const std::size_t test = text.find("if (32 * i_o + i_i < 100)"), loop = text.find("for (int j = 0");
    EXPECT_NE(test, std::string::npos) << text;
    EXPECT_LT(test, loop) << text;
}

}  // namespace
}  // namespace heddle::test
