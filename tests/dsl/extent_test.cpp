// tests/dsl/extent_test.cpp -- extents: integers, run-time sizes, and what is neither.
#include "dsl/extent.h"

#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/tensor.h"

namespace heddle {
namespace {

TEST(Extent, OfIntegersIsStatic) {
    EXPECT_TRUE(Extent(28).is_static());
    EXPECT_EQ(Extent(28).value(), 28);
    const Extent N = Extent::dynamic("N", 1, 4096);
    EXPECT_EQ(Extent(N - N + 3).value(), 3);
    EXPECT_EQ(Extent(Expr::integer(5, i32)).expr().type(), i64);
}

TEST(Extent, OfRunTimeSizesIsNot) {
    const Extent N = Extent::dynamic("N", 1, 4096);
    const Extent twice = 2 * N + 1;
    EXPECT_FALSE(twice.is_static());
    EXPECT_EQ(print(twice.expr()), "2 * N + 1");
    EXPECT_THROW(twice.value(), InternalError);
}

std::string refusal(const Expr& e) {
    try {
        const Extent extent(e);
    } catch (const UserError& error) {
        return error.message();
    }
    return "";
}

TEST(Extent, RefusesWhatIsNoSize) {
    const Var n("n");
    const Tensor t("t", i64, {8});
    EXPECT_EQ(refusal(n + 1),
              "the extent `n + 1` uses the index variable n; an extent uses integers and run-time sizes "
              "(Extent::dynamic) only");
    EXPECT_EQ(refusal(t(0)),
              "the extent `t[0]` reads a tensor; an extent uses integers and run-time sizes (Extent::dynamic) only");
    EXPECT_EQ(refusal(2.5), "the extent `2.5` has the type f64; an extent is an integer");
    EXPECT_EQ(refusal(Expr()), "an extent is an undefined expression: give it a value first");
}

TEST(Extent, RefusesAnEmptyRangeOfSizes) {
    EXPECT_THROW(Extent::dynamic("N", -1, 4), UserError);
    EXPECT_THROW(Extent::dynamic("N", 5, 4), UserError);
    EXPECT_NO_THROW(Extent::dynamic("N", 0, 0));
}

}  // namespace
}  // namespace heddle
