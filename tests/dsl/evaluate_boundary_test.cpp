// tests/dsl/evaluate_boundary_test.cpp -- what a read outside gives, for each boundary.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/buffers.h"

namespace heddle {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Row {
    const char* read;
    std::vector<double> expected;  ///< at -2, -1, 0 ... 4 of {1, 2, 3}
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.read; }

struct evaluate_boundary : testing::TestWithParam<Row> {};

TEST_P(evaluate_boundary, of_three_elements) {
    const std::string text = "x: f32[3]\ny: f32[7]\ny[i] = " + std::string(GetParam().read) + "[i-2]\n";
    EXPECT_EQ(test::computed(text, {{"x", test::buffer_of(f32, {3}, {1, 2, 3})}}), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    all, evaluate_boundary,
    testing::Values(Row{"zero(x)", {0, 0, 1, 2, 3, 0, 0}}, Row{"constant(x, 9)", {9, 9, 1, 2, 3, 9, 9}},
                    Row{"replicate(x)", {1, 1, 1, 2, 3, 3, 3}}, Row{"reflect(x)", {3, 2, 1, 2, 3, 2, 1}},
                    Row{"symmetric(x)", {2, 1, 1, 2, 3, 3, 2}}, Row{"circular(x)", {2, 3, 1, 2, 3, 1, 2}},
                    Row{"skip(x)", {0, 0, 1, 2, 3, 0, 0}}),
    [](const auto& row) {
        const std::string read = row.param.read;
        return read.substr(0, read.find('('));
    });

TEST(evaluate_boundary, a_padded_factor_contributes_nothing_whatever_the_others_are) {
    const NamedBuffers inputs{{"x", test::buffer_of(f32, {1}, {2})},
                              {"w", test::buffer_of(f32, {3}, {infinity, 1, nan})}};
    EXPECT_EQ(test::computed("x: f32[1]\nw: f32[3]\ny: f32[1]\ny[v] += zero(x)[v+r-1] * w[r]\n", inputs),
              (std::vector<double>{2}));
    EXPECT_TRUE(std::isnan(
        test::computed("x: f32[1]\nw: f32[3]\ny: f32[1]\ny[v] += constant(x, 0)[v+r-1] * w[r]\n", inputs)[0]));
}

TEST(evaluate_boundary, a_padded_term_that_is_no_factor_is_a_zero) {
    const NamedBuffers inputs{{"x", test::buffer_of(f32, {1}, {2})}, {"w", test::buffer_of(f32, {3}, {10, 1, 100})}};
    EXPECT_EQ(test::computed("x: f32[1]\nw: f32[3]\ny: f32[1]\ny[v] += zero(x)[v+r-1] + w[r]\n", inputs),
              (std::vector<double>{113}));
    EXPECT_EQ(test::computed("x: f32[1]\nw: f32[3]\ny: f32[1]\ny[v] max= -zero(x)[v+r-1] * w[r]\n", inputs),
              (std::vector<double>{0}));
}

TEST(evaluate_boundary, skipped_points_take_no_part) {
    const NamedBuffers inputs{{"x", test::buffer_of(f32, {1}, {-2})}};
    EXPECT_EQ(test::computed("x: f32[1]\ny: f32[3]\nr < 3\ny[p] max= skip(x)[p+r-1]\n", inputs)[1], -2);
    EXPECT_EQ(test::computed("x: f32[1]\ny: f32[3]\nr < 3\ny[p] += skip(x)[p+r-1] + 1\n", inputs),
              (std::vector<double>{-1, -1, 0}));
    // All points skipped: the identity remains.
    EXPECT_EQ(test::computed("x: f32[1]\ny: f32[5]\nr < 1\ny[p] max= skip(x)[p+r]\n", inputs)[4], -infinity);
    EXPECT_EQ(test::computed("x: f32[1]\ny: i32[5]\nr < 1\ny[p] argmax= skip(x)[p+r]\n", inputs)[4], -1);
    // The offset is the same at all points, whether they take part is not.
    const NamedBuffers square{{"x", test::buffer_of(f32, {1, 1}, {-2})}};
    EXPECT_EQ(test::computed("x: f32[1,1]\ny: f32[3]\ny[p] += skip(x)[1-p,p-1]\n", square),
              (std::vector<double>{0, -2, 0}));
    EXPECT_EQ(test::computed("x: f32[1,1]\ny: f32[3]\ny[p] += skip(x)[-2-p,p-1]\n", square),
              (std::vector<double>{0, 0, 0}));
}

}  // namespace
}  // namespace heddle
