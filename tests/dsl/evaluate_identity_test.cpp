// tests/dsl/evaluate_identity_test.cpp -- what updates start from, and what elements keep that none reaches.
#include <gtest/gtest.h>

#include <limits>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Row {
    const char *type, *op;
    double identity;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.type << ' ' << row.op; }

struct evaluate_identity : testing::TestWithParam<Row> {};

TEST_P(evaluate_identity, stays_where_no_update_reaches) {
    const auto [type, op, identity] = GetParam();
    const std::string text = "x: i32[1]\ny: " + std::string(type) + "[3]\ny[2*i+1] " + op + " x[i]\n";
    EXPECT_EQ(test::computed(text, {{"x", test::buffer_of(i32, {1}, {1})}})[0], identity);
    EXPECT_EQ(test::computed(text, {{"x", test::buffer_of(i32, {1}, {1})}})[2], identity);
}

INSTANTIATE_TEST_SUITE_P(all, evaluate_identity,
                         testing::Values(Row{"f32", "+=", 0}, Row{"i8", "+=", 0}, Row{"f16", "*=", 1},
                                         Row{"i64", "*=", 1}, Row{"f32", "max=", -infinity},
                                         Row{"bf16", "min=", infinity}, Row{"f16", "max=", -infinity},
                                         Row{"i8", "max=", -128}, Row{"i8", "min=", 127}, Row{"u8", "max=", 0},
                                         Row{"u8", "min=", 255}, Row{"i16", "max=", -32768}, Row{"u16", "min=", 65535},
                                         Row{"i32", "max=", -2147483648.0}, Row{"i32", "min=", 2147483647},
                                         Row{"bool", "max=", 0}, Row{"bool", "min=", 1}));

TEST(evaluate_identity, an_assignment_is_what_updates_start_from) {
    const NamedBuffers inputs{{"x", test::buffer_of(f32, {2, 2}, {1, 2, 3, 4})},
                              {"b", test::buffer_of(f32, {2}, {10, 20})}};
    EXPECT_EQ(test::computed("b: f32[2]\nx: f32[2,2]\ny: f32[2]\ny[i] = b[i]\ny[i] += x[i,r]\n", inputs),
              (std::vector<double>{13, 27}));
    EXPECT_EQ(test::computed("b: f32[2]\nx: f32[2,2]\ny: f32[2]\ny[i] = b[i]\ny[i] max= 5*x[i,r]\n", inputs),
              (std::vector<double>{10, 20}));
}

TEST(evaluate_identity, an_empty_sum_is_zero_and_an_empty_maximum_an_error) {
    EXPECT_EQ(test::computed("x: f32[2,0]\ny: f32[2]\ny[i] += x[i,r]\n", {{"x", Buffer(f32, {2, 0})}}),
              (std::vector<double>{0, 0}));
    for (const char* op : {"max=", "min=", "argmax="})
        test::expect_refusal([&] { parse_pipeline("x: f32[2,0]\ny: i32[2]\ny[i] " + std::string(op) + " x[i,r]\n"); },
                             "over nothing: r has the extent 0");
    EXPECT_EQ(test::computed("x: f32[0,0]\ny: f32[0]\ny[i] max= x[i,r]\n", {{"x", Buffer(f32, {0, 0})}}).size(), 0u);
}

TEST(evaluate_identity, an_empty_maximum_of_run_time_size_is_an_error_when_it_runs) {
    const std::string text = "R in [0,10]\nx: f32[2,R]\ny: f32[2]\ny[i] max= x[i,r]\n";
    test::expect_refusal([&] { test::computed(text, {{"x", Buffer(f32, {2, 0})}}); }, "y max= over nothing");
    EXPECT_EQ(test::computed(text, {{"x", test::buffer_of(f32, {2, 1}, {3, 4})}}), (std::vector<double>{3, 4}));
}

}  // namespace
}  // namespace heddle
