// tests/dsl/definition_extent_test.cpp -- extents of variables and shapes of tensors, inferred and refused.
#include <gtest/gtest.h>

#include "dsl/definition.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

std::int64_t extent_in(const AnyTensor& tensor, const Symbol& symbol) {
    return tensor.node()->definitions.back()->find(symbol)->extent.value();
}

TEST(definition_extent, a_bare_variable_on_the_left_takes_the_outputs) {
    Tensor x("x", f32, {9}), y("y", f32, {4});
    Var i("i");
    y(i) = x(i + 2);
    EXPECT_EQ(extent_in(y, i.symbol()), 4);
}

TEST(definition_extent, else_a_bare_variable_in_a_read_takes_that_tensors) {
    Tensor x("x", f32, {9}), w("w", f32, {3}), y("y", f32, {7});
    Var i("i");
    RVar r("r");
    y(i) += x(i + r) * w(r);
    EXPECT_EQ(extent_in(y, r.symbol()), 3);
}

TEST(definition_extent, occurrences_must_agree) {
    Tensor x("x", f32, {4, 8});
    Tensor w("w", f32, {6}), y("y", f32, {4});
    Var i("i");
    RVar c("c");
    test::expect_refusal([&] { y(i) += x(i, c) * w(c); },
                         "c has two extents: 8 in x (dimension 1) and 6 in w (dimension 0)");
    test::expect_refusal([&] { w(i) = x(i, 0); }, "i has two extents: 6 in w (dimension 0) and 4 in x (dimension 0)");
}

TEST(definition_extent, a_declared_extent_counts_before_all) {
    Tensor x("x", f32, {4, 8});
    Tensor w("w", f32, {6}), y("y", f32, {4});
    Var i("i");
    RVar c("c", 5);
    y(i) += x(i, c) * w(c);
    EXPECT_EQ(extent_in(y, c.symbol()), 5);
    RVar d("d", 7);
    test::expect_refusal([&] { y(i) += x(i, d) * w(d); }, "w is read at dimension 0 over [0, 6], its extent is 6");
}

TEST(definition_extent, a_variable_that_is_nowhere_bare_is_declared) {
    Tensor x("x", f32, {9}), y("y", f32, {7});
    Var i("i");
    RVar r("r"), s("s", 3);
    test::expect_refusal([&] { y(i) += x(i + r); }, "declare it, as in RVar r(\"r\", 3)");
    y(i) += x(i + s);
    EXPECT_EQ(extent_in(y, s.symbol()), 3);
}

TEST(definition_extent, a_shape_is_inferred_from_bare_variables) {
    Tensor x("x", f32, {4, 8});
    Tensor<2> y("y", f32);
    Var i("i"), j("j"), k("k", 3);
    test::expect_refusal([&] { y.shape(); }, "y has no shape yet");
    y(j, k) = x(k, j);
    EXPECT_EQ(y.shape()[0].value(), 8);
    EXPECT_EQ(y.shape()[1].value(), 3);
}

TEST(definition_extent, a_computed_left_index_needs_a_stated_shape) {
    Tensor x("x", f32, {4});
    Tensor<1> y("y", f32), z("z", f32, {8});
    Var i("i");
    test::expect_refusal([&] { y(2 * i) += x(i); },
                         "the shape of y cannot be inferred: its index at dimension 0 is `2 * i`");
    z(2 * i) += x(i);
    EXPECT_EQ(extent_in(z, i.symbol()), 4);
}

TEST(definition_extent, run_time_sizes_agree_by_symbol) {
    const Extent N = Extent::dynamic("N", 1, 100), M = Extent::dynamic("M", 1, 100);
    Tensor x("x", f32, {N}), w("w", f32, {M}), v("v", f32, {N});
    Tensor<1> y("y", f32);
    Var i("i");
    test::expect_refusal([&] { y(i) = x(i) * w(i); },
                         "i has two extents: N in x (dimension 0) and M in w (dimension 0)");
    y(i) = x(i) * v(i);
    EXPECT_FALSE(y.shape()[0].is_static());
}

}  // namespace
}  // namespace heddle
