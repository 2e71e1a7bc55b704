// tests/dsl/parse_large_test.cpp -- texts of a megabyte, and extents whose product no integer holds.
#include <gtest/gtest.h>

#include "dsl/evaluate.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

/// A chain of definitions with a comment beside each, of about `bytes`.
std::string long_text(std::size_t bytes) {
    std::string text = "x: f32[8]\nh0[i] = x[i] + 1.0\n";
    for (int k = 1; text.size() + 200 < bytes; ++k)
        text += "h" + std::to_string(k) + "[i] = h" + std::to_string(k - 1) + "[i] * x[i]  # " + std::string(130, 'c') +
                "\n";
    return text;
}

TEST(ParseLarge, AMegabyteOfDefinitionsIsRead) {
    const Pipeline pipeline = parse_pipeline(long_text(1 << 20));
    EXPECT_GT(pipeline.stages.size(), 6000u);
    EXPECT_EQ(parse_pipeline(print(pipeline)).stages.size(), pipeline.stages.size());
}

TEST(ParseLarge, MoreIsRefused) {
    expect_refusal([] { parse_pipeline(long_text((1 << 20) + 400) + std::string(400, '#')); }, "1048576 bytes");
}

TEST(ParseLarge, ExtentsWhoseProductOverflowsAreSizesToReasonAbout) {
    const char* sizes = "4294967296,4294967296,4";
    const Pipeline sum = parse_pipeline("x: f32[" + std::string(sizes) + "]; y: f32[4]\ny[k] += x[i,j,k]");
    EXPECT_EQ(print(parse_pipeline(print(sum))), print(sum));
    expect_refusal([&] { evaluate(sum, {}); }, "x");
    expect_refusal(
        [] {
            Buffer(f32, {4294967296, 4294967296, 4});
        },
        "buffer f32 4294967296x4294967296x4: its size passes 2^63 - 1 bytes");
    expect_refusal([] { parse_pipeline("x: f32[9223372036854775808]; y: f32[4]\ny[k] = x[k]"); }, "64 bits");
    expect_refusal([] { parse_pipeline("x: f32[8]; y: f32[9223372036854775807]\ny[i] = x[3*i]"); },
                   "x is read at dimension 0");
}

}  // namespace
}  // namespace heddle::test
