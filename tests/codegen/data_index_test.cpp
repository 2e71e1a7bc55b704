// tests/codegen/data_index_test.cpp -- indices read from data: checked, clamped, under a condition, scattered to.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

constexpr const char* gather = "x: f32[9,20]; t: i32[6]\ny[n,c] = x[index(t[n],9),c]";
constexpr const char* clamped = "x: f32[9,20]; t: i32[6]\ny[n,c] = x[index_clamped(t[n],9),c]";

NamedBuffers inputs_with(const char* text, const std::vector<double>& t) {
    NamedBuffers inputs = random_inputs(parse_pipeline(text), 1, true);
    inputs["t"] = buffer_of(i32, {6}, t);
    return inputs;
}

TEST(DataIndex, GathersInScalarsAndLanes) {
    const Compiled compiled(parse_pipeline(gather), inputs_with(gather, {0, 8, 3, 3, 5, 1}));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("y.0: split(c, 8) vectorize(c.i)"), "");
    EXPECT_EQ(compiled.difference("y.0: reorder(c, n) vectorize(n)"), "");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
}

TEST(DataIndex, OutsideIsAnErrorThatNamesTensorAndValue) {
    for (const char* schedule :
         {"", "y.0: split(c, 8) vectorize(c.i)", "y.0: reorder(c, n) vectorize(n)", "y.0: parallel(n)"}) {
        const Kernel kernel = compile_here(parse_pipeline(gather), parse_schedule(schedule));
        expect_refusal(
            [&] {
                run_kernel(kernel, inputs_with(gather, {0, 8, 3, 9, 5, 1}));
            },
            "t[3] is 9, outside of [0, 9)");
        expect_refusal(
            [&] {
                run_kernel(kernel, inputs_with(gather, {0, 8, -4, 3, 5, 1}));
            },
            "t[2] is -4, outside of [0, 9)");
        // The kernel goes on working.
        const NamedBuffers good = inputs_with(gather, {1, 2, 3, 4, 5, 6});
        EXPECT_EQ(
            first_difference("y", run_kernel(kernel, good).at("y"), evaluate(parse_pipeline(gather), good).at("y")),
            "");
    }
}

TEST(DataIndex, ClampedMovesToTheEnds) {
    const Compiled compiled(parse_pipeline(clamped), inputs_with(clamped, {-100, 8, 9, 2147483647, 5, -1}));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("y.0: reorder(c, n) vectorize(n)"), "");
}

TEST(DataIndex, UnderAConditionIsCheckedOnlyThere) {
    const char* text = "x: f32[9]; t: i32[6]\ny[n] = select(0 <= t[n] && t[n] < 9, x[index(t[n],9)], -1.0)";
    const Compiled compiled(parse_pipeline(text), inputs_with(text, {0, 8, -3, 9, 5, 100}));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("y.0: vectorize(n)"), "");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
}

TEST(DataIndex, ReadThroughAnother) {
    const char* text = "x: f32[9]; t: i32[6]; s: i32[4]\ny[n] += x[index(t[index(s[n],6)],9)] * s[c]";
    NamedBuffers inputs = inputs_with(text, {0, 8, 3, 2, 5, 1});
    inputs["s"] = buffer_of(i32, {4}, {5, 0, 1, 1});
    EXPECT_EQ(Compiled(parse_pipeline(text), inputs).difference(), "");
    inputs["s"] = buffer_of(i32, {4}, {5, 6, 1, 1});
    expect_refusal([&] { run_kernel(compile_here(parse_pipeline(text)), inputs); }, "s[1] is 6, outside of [0, 6)");
}

TEST(DataIndex, Histogram) {
    const char* text = "t: i32[6]; h: i32[5]\nh[index(t[n],5)] += 1 + 0 * t[n]";
    const Compiled compiled(parse_pipeline(text), {{"t", buffer_of(i32, {6}, {0, 4, 4, 1, 4, 0})}});
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
    expect_refusal(
        [&] {
            run_kernel(compile_here(compiled.pipeline()), {{"t", buffer_of(i32, {6}, {0, 4, 5, 1, 4, 0})}});
        },
        "t[2] is 5, outside of [0, 5)");
}

}  // namespace
}  // namespace heddle::test
