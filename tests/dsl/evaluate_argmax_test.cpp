// tests/dsl/evaluate_argmax_test.cpp -- maxima and their positions: order, ties, NaN.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

using test::buffer_of;
using test::computed;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Row {
    std::vector<double> values;
    double position;
};
void PrintTo(const Row& row, std::ostream* out) { *out << testing::PrintToString(row.values); }

struct evaluate_argmax : testing::TestWithParam<Row> {
    NamedBuffers inputs{{"x", buffer_of(f32, {1, 4}, GetParam().values)}};
};

TEST_P(evaluate_argmax, gives_the_first_of_the_largest) {
    EXPECT_EQ(computed("x: f32[1,4]\ny: i32[1]\ny[i] argmax= x[i,r]\n", inputs)[0], GetParam().position);
}

TEST_P(evaluate_argmax, as_a_tuple_gives_the_value_too) {
    Tensor x("x", f32, {1, 4});
    Tensor<1> m("m", f32), at("at", i64);
    Var i("i");
    RVar r("r");
    reduce({m(i), at(i)}, argmax_reducer(f32), {x(i, r), r});
    const NamedBuffers results = evaluate(Pipeline::of({m, at}), inputs);
    EXPECT_EQ(results.at("at").get({0}), GetParam().position);
    const double value = GetParam().values[static_cast<std::size_t>(GetParam().position)],
                 found = results.at("m").get({0});
    EXPECT_TRUE(found == value || (std::isnan(found) && std::isnan(value)));
}

TEST_P(evaluate_argmax, a_nan_beats_any_number_in_a_maximum) {
    bool has_nan = false;
    for (double value : GetParam().values) has_nan = has_nan || std::isnan(value);
    EXPECT_EQ(std::isnan(computed("x: f32[1,4]\ny: f32[1]\ny[i] max= x[i,r]\n", inputs)[0]), has_nan);
    EXPECT_EQ(std::isnan(computed("x: f32[1,4]\ny: f32[1]\ny[i] min= x[i,r]\n", inputs)[0]), has_nan);
}

INSTANTIATE_TEST_SUITE_P(all, evaluate_argmax,
                         testing::Values(Row{{1, 3, 2, 3}, 1}, Row{{5, 3, 2, 3}, 0}, Row{{1, nan, 9, nan}, 1},
                                         Row{{infinity, 0, 0, nan}, 3},
                                         Row{{-infinity, -infinity, -infinity, -infinity}, 0}));

TEST(evaluate_argmax, the_position_is_row_major_over_the_reduced_variables) {
    const std::string text = "x: f32[2,3,4]\ny: i32[3]\ny[i] argmax= x[r,i,s]\n";
    std::vector<double> values(24, 0);
    values[1 * 12 + 0 * 4 + 2] = 1;  // r = 1, s = 2
    values[0 * 12 + 1 * 4 + 3] = 1;
    EXPECT_EQ(computed(text, {{"x", buffer_of(f32, {2, 3, 4}, values)}}), (std::vector<double>{6, 3, 0}));
}

TEST(evaluate_argmax, needs_an_integer_tensor_that_holds_the_positions) {
    test::expect_refusal([] { parse_pipeline("x: f32[300]\ny: f32[1]\ny[i] argmax= x[r]\n"); },
                         "y argmax= gives positions, and y holds f32");
    test::expect_refusal([] { parse_pipeline("x: f32[300]\ny: u8[1]\ny[i] argmax= x[r]\n"); },
                         "y argmax= over 300 positions does not fit u8");
    EXPECT_EQ(computed("x: f32[256]\ny: u8[1]\ny[i] argmax= x[r]\n", {{"x", Buffer(f32, {256})}})[0], 0);
}

}  // namespace
}  // namespace heddle
