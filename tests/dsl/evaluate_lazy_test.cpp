// tests/dsl/evaluate_lazy_test.cpp -- what is not taken does not happen: reads, checked indices, prints.
#include <gtest/gtest.h>

#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

using test::buffer_of;

struct evaluate_lazy : testing::Test {
    Tensor<1> x{"x", f32, {3}}, y{"y", f32, {4}};
    Tensor<1> t{"t", i32, {4}};
    Var i{"i", 4};
    NamedBuffers inputs{{"x", buffer_of(f32, {3}, {1, 2, 3})}, {"t", buffer_of(i32, {4}, {2, 0, 7, 1})}};
    std::vector<double> result() { return test::elements_of(evaluate(Pipeline::of({y}), inputs).at("y")); }
};

TEST_F(evaluate_lazy, a_read_in_a_branch_that_is_not_taken) {
    y(i) = select(i < 3, x(i), -1);
    EXPECT_EQ(result(), (std::vector<double>{1, 2, 3, -1}));
}

TEST_F(evaluate_lazy, a_checked_index_out_of_range_is_an_error) {
    y(i) = x(index(t(i), 3));
    test::expect_refusal([&] { result(); }, "gives 7 from t at i=2; legal are 0 to 2");
}

TEST_F(evaluate_lazy, a_clamped_index_moves_inside) {
    y(i) = x(index(t(i), 3, IndexMode::clamped));
    EXPECT_EQ(result(), (std::vector<double>{3, 1, 3, 2}));
}

TEST_F(evaluate_lazy, a_checked_index_in_a_branch_that_is_not_taken) {
    y(i) = select(t(i) < 3, x(index(t(i), 3)), 0);
    EXPECT_EQ(result(), (std::vector<double>{3, 1, 0, 2}));
}

TEST_F(evaluate_lazy, and_and_or_stop_early) {
    y(i) = select(t(i) >= 3 || x(index(t(i), 3)) < 2, 5, 6);
    EXPECT_EQ(result(), (std::vector<double>{6, 5, 5, 6}));
    Tensor z("z", f32, {4});
    z(i) = select(t(i) < 3 && x(index(t(i), 3)) < 2, 5, 6);
    EXPECT_EQ(test::elements_of(evaluate(Pipeline::of({z}), inputs).at("z")), (std::vector<double>{6, 5, 6, 6}));
}

TEST_F(evaluate_lazy, a_checked_index_of_a_point_that_is_skipped) {
    RVar r("r", 1);
    Tensor s("s", f32, {2});
    y(i) += skip(s)(i + r) * x(index(t(i), 3));
    inputs["s"] = buffer_of(f32, {2}, {10, 100});
    EXPECT_EQ(result(), (std::vector<double>{30, 100, 0, 0}));
}

TEST_F(evaluate_lazy, print_when_prints_where_it_holds) {
    y(i) = select(i < 3, print_when(not_equals(t(i), 0), "seen", x(i), {i, t(i)}), 0);
    testing::internal::CaptureStderr();
    result();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "seen: 0 2\nseen: 2 7\n");
}

}  // namespace
}  // namespace heddle
