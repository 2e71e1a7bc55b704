// tests/codegen/last_nan_test.cpp -- argmax_last_nan=: the first of equal values, the last of several NaNs, on the host
// and in emitted CUDA.
#include <gtest/gtest.h>

#include <limits>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"
#include "tests/support/cuda_emulator.h"

namespace heddle::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

const char* const rows =
    "x: f32[4,6]\ny: u8[4]\nz: i32[4]\ny[n] argmax_last_nan= x[n,c]\nz[n] argmax= x[n,c]\noutput y, z\n";
const char* const windows = "x: f32[4,6]\ny: u8[4,6]\ny[n,p] argmax_last_nan= skip(x)[n,p+r-1] | r<3\n";

NamedBuffers inputs() {
    return {{"x", buffer_of(f32, {4, 6}, {1,    nan,  5,    nan,  5,    0,     //
                                          3,    5,    5,    -inf, 5,    2,     //
                                          -inf, -inf, -inf, -inf, -inf, -inf,  //
                                          inf,  nan,  inf,  nan,  nan,  1})}};
}

TEST(LastNaN, IsWhatEvaluateGives) {
    const NamedBuffers found = evaluate(parse_pipeline(rows), inputs());
    EXPECT_EQ(elements_of(found.at("y")), (std::vector<double>{3, 1, 0, 4}));
    EXPECT_EQ(elements_of(found.at("z")), (std::vector<double>{1, 1, 0, 1}));  // argmax= takes the first
}

TEST(LastNaN, IsWhatCompiledCodeGives) {
    for (const char* text : {rows, windows}) {
        const Compiled compiled(parse_pipeline(text), inputs());
        EXPECT_EQ(compiled.difference(), "");
        EXPECT_EQ(emulated_difference(compiled), "");
    }
    const Compiled one(parse_pipeline("x: f32[4,6]\ny: u8[4]\ny[n] argmax_last_nan= x[n,c]"), inputs());
    EXPECT_EQ(one.difference("split(c, 4) unroll(c.i) parallel(n)"), "");
    EXPECT_EQ(one.difference("reorder(c, n) vectorize(n)"), "");
    const char* const threads = "bind(n, block_x) bind(c, thread_x) reduce_across(threads)";
    EXPECT_EQ(emulated_difference(one, parse_schedule(threads)), "");
}

TEST(LastNaN, HasAText) {
    const std::string text = print(parse_pipeline(rows));
    EXPECT_NE(text.find("y[n] argmax_last_nan= x[n,c]\n"), std::string::npos) << text;
    EXPECT_EQ(print(parse_pipeline(text)), text);
}

}  // namespace
}  // namespace heddle::test
