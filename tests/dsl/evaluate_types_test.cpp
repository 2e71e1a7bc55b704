// tests/dsl/evaluate_types_test.cpp -- what values compute and accumulate in, and when they round.
#include <gtest/gtest.h>

#include <limits>

#include "dsl/parse.h"
#include "tests/support/buffers.h"

namespace heddle {
namespace {

using test::buffer_of;
using test::computed;

TEST(evaluate_types, half_outputs_accumulate_in_f32_and_round_once) {
    // 2048 + 1 + 1 is 2050 in f32; in f16 each step would round back to 2048.
    const std::string text = "x: f16[3]\ny: f16[1]\ny[i] += x[r]\n";
    EXPECT_EQ(computed(text, {{"x", buffer_of(f16, {3}, {2048, 1, 1})}}), (std::vector<double>{2050}));
}

TEST(evaluate_types, an_update_after_another_adds_before_rounding) {
    const std::string text = "x: f16[1]\ny: f16[1]\ny[i] = x[i]\ny[i] += 1.0 + 0.0 * x[i]\ny[i] += 1.0 + 0.0 * x[i]\n";
    EXPECT_EQ(computed(text, {{"x", buffer_of(f16, {1}, {2048})}}), (std::vector<double>{2050}));
}

TEST(evaluate_types, f32_arithmetic_rounds_to_f32_or_stays_in_double) {
    const std::string text = "x: f32[2]\ny: f32[1]\nz: f32[1]\ny[i] += x[r]\nz[i] = y[i] - 16777216.0\n";
    const NamedBuffers inputs{{"x", buffer_of(f32, {2}, {16777216, 1})}};
    EXPECT_EQ(computed(text, inputs), (std::vector<double>{0}));
    EXPECT_EQ(computed(text, inputs, EvaluatePrecision::f64), (std::vector<double>{1}));
}

TEST(evaluate_types, double_results_can_be_kept) {
    const Pipeline pipeline = parse_pipeline("x: f32[1]\ny: f32[1]\ny[i] = x[i] / 3.0\n");
    const NamedBuffers inputs{{"x", buffer_of(f32, {1}, {1})}};
    const Buffer kept = evaluate(pipeline, inputs, EvaluatePrecision::f64, true).at("y");
    EXPECT_EQ(kept.type(), f64);
    EXPECT_EQ(kept.get({0}), 1.0 / 3);
    EXPECT_EQ(evaluate(pipeline, inputs).at("y").get({0}), 1.0f / 3);
}

TEST(evaluate_types, integers_compute_in_i32_and_wrap_when_stored) {
    const NamedBuffers inputs{{"x", buffer_of(i8, {2}, {100, 100})}};
    EXPECT_EQ(computed("x: i8[2]\ny: i32[1]\ny[i] += x[r]\n", inputs), (std::vector<double>{200}));
    EXPECT_EQ(computed("x: i8[2]\ny: i8[1]\ny[i] += x[r]\n", inputs), (std::vector<double>{200 - 256}));
    EXPECT_EQ(computed("x: i8[2]\ny: u8[1]\ny[i] += 2*x[r]\n", inputs), (std::vector<double>{400 - 256}));
}

TEST(evaluate_types, i32_arithmetic_wraps) {
    const NamedBuffers inputs{{"x", buffer_of(i32, {1}, {2147483647})}};
    EXPECT_EQ(computed("x: i32[1]\ny: i64[1]\ny[i] = x[i] + 1\n", inputs), (std::vector<double>{-2147483648.0}));
}

TEST(evaluate_types, division_floors_and_is_total) {
    const NamedBuffers inputs{{"x", buffer_of(i32, {4}, {7, -7, 7, -7})}, {"d", buffer_of(i32, {4}, {2, 2, -2, 0})}};
    const std::string head = "x: i32[4]\nd: i32[4]\ny: i32[4]\n";
    EXPECT_EQ(computed(head + "y[i] = x[i] / d[i]\n", inputs), (std::vector<double>{3, -4, -4, 0}));
    EXPECT_EQ(computed(head + "y[i] = x[i] % d[i]\n", inputs), (std::vector<double>{1, 1, -1, 0}));
}

TEST(evaluate_types, casts_round_or_wrap_through_the_narrow_type) {
    const NamedBuffers inputs{{"x", buffer_of(f32, {4}, {2049, 2051, -1.75, 300})}};
    const std::string head = "x: f32[4]\ny: f32[4]\n";
    EXPECT_EQ(computed(head + "y[i] = f16(x[i])\n", inputs), (std::vector<double>{2048, 2052, -1.75, 300}));
    EXPECT_EQ(computed(head + "y[i] = i32(x[i])\n", inputs), (std::vector<double>{2049, 2051, -1, 300}));
    EXPECT_EQ(computed(head + "y[i] = i8(x[i])\n", inputs), (std::vector<double>{1, 3, -1, 44}));
}

}  // namespace
}  // namespace heddle
