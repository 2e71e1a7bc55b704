// tests/dsl/definition_assign_test.cpp -- an `=` writes each element at most once, and inside.
#include <gtest/gtest.h>

#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

using test::expect_refusal;

struct definition_assign : testing::Test {
    Tensor<1> x{"x", f32, {4}};
    Tensor<2> m{"m", f32, {4, 2}};
    Tensor<1> y{"y", f32, {8}};
    Var i{"i"}, j{"j"}, b{"b", 2}, h{"h", 4};
    RVar r{"r"};

    std::vector<double> result(const NamedBuffers& inputs) {
        return test::elements_of(evaluate(Pipeline::of({y}), inputs).at("y"));
    }
};

TEST_F(definition_assign, mixed_radix_indices_are_one_to_one) {
    y(2 * h + b) = m(h, b);
    EXPECT_EQ(result({{"m", test::buffer_of(f32, {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8})}}),
              (std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(definition_assign, elements_not_reached_are_zero) {
    y(6 - 2 * h) = x(h);
    EXPECT_EQ(result({{"x", test::buffer_of(f32, {4}, {1, 2, 3, 4})}}), (std::vector<double>{4, 0, 3, 0, 2, 0, 1, 0}));
}

TEST_F(definition_assign, what_one_index_tells_apart_is_known_in_the_others) {
    Tensor z("z", f32, {8, 4});
    z(h + b, h) = m(h, b);
    EXPECT_TRUE(z.has_definition());
}

TEST_F(definition_assign, overlapping_digits_are_refused) {
    expect_refusal([&] { y(h + b) = m(h, b); },
                   "y[h + b] = : elements could be written more than once, since different "
                   "values of h, b may meet in one element");
}

TEST_F(definition_assign, a_variable_absent_from_the_left_is_refused) {
    Tensor z("z", f32, {4});
    expect_refusal([&] { z(i) = m(i, r); }, "different values of r may meet in one element");
    z(i) += m(i, r);
    EXPECT_TRUE(z.has_definition());
}

TEST_F(definition_assign, an_index_that_is_not_affine_is_refused) {
    Var k("k", 8);
    expect_refusal([&] { y(k / 2) = x(k / 2); }, "is not a sum of constants times variables");
    y(k / 2) += x(k / 2);
    EXPECT_EQ(result({{"x", test::buffer_of(f32, {4}, {1, 2, 3, 4})}}), (std::vector<double>{2, 4, 6, 8, 0, 0, 0, 0}));
}

TEST_F(definition_assign, an_assignment_outside_is_refused_and_an_update_dropped) {
    expect_refusal([&] { y(3 * h - 1) = x(h); }, "y is written at dimension 0 over [-1, 8], its extent is 8");
    y(3 * h - 1) += x(h);
    EXPECT_EQ(result({{"x", test::buffer_of(f32, {4}, {1, 2, 3, 4})}}), (std::vector<double>{0, 0, 2, 0, 0, 3, 0, 0}));
}

TEST_F(definition_assign, an_index_read_from_data_is_for_updates) {
    Tensor t("t", i32, {4});
    expect_refusal([&] { y(index(t(i), 8)) = x(i); }, "use an update");
    y(index(t(i), 8)) += x(i);
    EXPECT_EQ(result({{"x", test::buffer_of(f32, {4}, {1, 2, 3, 4})}, {"t", test::buffer_of(i32, {4}, {7, 0, 7, 1})}}),
              (std::vector<double>{2, 4, 0, 0, 0, 0, 0, 4}));
}

}  // namespace
}  // namespace heddle
