// tests/dsl/definition_read_test.cpp -- a read is proved inside its tensor, or carries a boundary.
#include <gtest/gtest.h>

#include "dsl/definition.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

using test::expect_refusal;

struct definition_read : testing::Test {
    Tensor<1> x{"x", f32, {56}}, w{"w", f32, {3}}, y{"y", f32, {56}};
    Var p{"p"};
    RVar r{"r"};
};

TEST_F(definition_read, outside_is_refused_with_the_helpers) {
    expect_refusal(
        [&] { y(p) += x(p + r - 1) * w(r); },
        "x is read at dimension 0 over [-1, 56], its extent is 56: add zero(x), constant(x, v), replicate(x), "
        "reflect(x), symmetric(x), circular(x) or skip(x), or shrink p or r");
    y(p) += zero(x)(p + r - 1) * w(r);
    EXPECT_TRUE(y.has_definition());
}

TEST_F(definition_read, inside_needs_no_boundary) {
    Tensor z("z", f32, {54}), half("half", f32, {28});
    z(p) += x(p + r) * w(r);
    half(p) = x(2 * p + 1);
    y(p) = x(55 - p);
}

TEST_F(definition_read, a_division_stays_inside) {
    Tensor z("z", f32, {112});
    z(p) = x(p / 2);
    expect_refusal([&] { y(p) = x((p + 2) / 2 + 28); }, "its extent is 56");
}

TEST_F(definition_read, conditions_count_for_what_they_guard) {
    y(p) = select(p >= 1 && p < 50, x(p - 1) + x(p + 6), 0);
    Tensor z("z", f32, {56});
    expect_refusal([&] { z(p) = select(p >= 1, x(p - 2), 0); }, "x is read at dimension 0");
    expect_refusal([&] { z(p) = select(p >= 1, 0, x(p - 1)); }, "x is read at dimension 0");
    z(p) = select(p < 1, 0, x(p - 1));
}

TEST_F(definition_read, reflect_reaches_one_width) {
    Var q("q", 56);
    y(q) = reflect(x)(q - 55) + reflect(x)(q + 55);
    Tensor z("z", f32, {56});
    expect_refusal(
        [&] { z(q) = reflect(x)(q - 56); },
        "reflect(x) is read at dimension 0 over [-56, -1], its extent is 56, and reflect reaches [-55, 110]");
}

TEST_F(definition_read, symmetric_and_circular_reach_one_width) {
    Var q("q", 56);
    y(q) = symmetric(x)(q - 56) + circular(x)(q + 56);
    Tensor z("z", f32, {56});
    expect_refusal([&] { z(q) = symmetric(x)(q - 57); }, "symmetric reaches [-56, 111]");
    expect_refusal([&] { z(q) = circular(x)(q + 57); }, "circular reaches [-56, 111]");
}

TEST_F(definition_read, indices_read_from_data_are_marked) {
    Tensor t("t", i32, {56});
    expect_refusal([&] { y(p) = x(t(p)); }, "an index read from data");
    y(p) = x(index(t(p), 56));
}

TEST_F(definition_read, run_time_sizes_are_proved_symbolically) {
    const Extent N = Extent::dynamic("N", 3, 1000);
    Tensor a("a", f32, {N}), b("b", f32, {N - 2});
    b(p) += a(p + r) * w(r);
    Tensor c("c", f32, {N - 2});
    RVar s("s", 4);
    expect_refusal([&] { c(p) += a(p + s); }, "a is read at dimension 0");
}

TEST_F(definition_read, wrong_ranks_are_refused) {
    const AnyTensor z = x;
    expect_refusal([&] { z.at({p, p}); }, "x has 1 dimensions and is indexed with 2");
}

}  // namespace
}  // namespace heddle
