// tests/dsl/expr_fold_test.cpp -- integer literals fold as they are built: wrapping, flooring, total.
#include <gtest/gtest.h>

#include "dsl/integer.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/tensor.h"

namespace heddle {
namespace {

struct Case {
    std::int64_t a, b, quotient, modulo;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.a << " by " << c.b; }
class FloorDivision : public testing::TestWithParam<Case> {};

TEST_P(FloorDivision, RoundsDownAndKeepsTheDivisorsSign) {
    const auto [a, b, quotient, modulo] = GetParam();
    EXPECT_TRUE(is_const(Expr(a) / Expr(b), quotient));
    EXPECT_TRUE(is_const(Expr(a) % Expr(b), modulo));
    EXPECT_EQ(floor_div(a, b), quotient);
    EXPECT_EQ(floor_mod(a, b), modulo);
}
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
INSTANTIATE_TEST_SUITE_P(Signs, FloorDivision,
                         testing::Values(Case{7, 2, 3, 1}, Case{-7, 2, -4, 1}, Case{7, -2, -4, -1}, Case{-7, -2, 3, -1},
                                         Case{6, 3, 2, 0}, Case{-6, 3, -2, 0}, Case{5, 0, 0, 0},
                                         Case{least, -1, least, 0}, Case{least, 1, least, 0}));

TEST(Fold, WrapsToTheType) {
    EXPECT_TRUE(is_const(Expr::integer(2147483647, i32) + 1, -2147483648LL));
    EXPECT_TRUE(is_const(Expr(std::numeric_limits<std::int64_t>::max()) + 1, least));
    EXPECT_TRUE(is_const(-Expr::integer(-2147483648LL, i32), -2147483648LL));
}

TEST(Fold, DecidesConditions) {
    const Var n("n");
    EXPECT_TRUE(is_const(Expr(2) < 3, 1));
    EXPECT_TRUE(is_const(!Expr(true), 0));
    EXPECT_EQ(print(Expr(true) && n < 3), "n < 3");
    EXPECT_EQ(print(n < 3 || Expr(true)), "true");
    EXPECT_EQ(print(select(true, n, 3)), "n");
    EXPECT_EQ(print(pow(Expr(n), 3)), "n * n * n");
}

TEST(Fold, KeepsWhatAUserWrote) {
    const Var n("n");
    EXPECT_EQ(print(n + 0), "n + 0");
    EXPECT_EQ(print(2 * n / 2), "2 * n / 2");
}

TEST(SimplifyFloats, KeepsEveryBit) {
    const Tensor x("x", f32, {8});
    const Var n("n");
    const Expr read = x(n);
    EXPECT_EQ(print(simplify(read * 1)), "x[n]");
    EXPECT_EQ(print(simplify(read / 1)), "x[n]");
    EXPECT_EQ(print(simplify(-(-read))), "x[n]");
    EXPECT_EQ(simplify(Expr(2.0) * Expr(0.25)).as<FloatImm>()->value, 0.5);
    for (const Expr& kept : {read + 0, read * 0, read - read, read / 2, max(read, 0)})
        EXPECT_TRUE(equal(simplify(kept), kept)) << print(kept);
}

}  // namespace
}  // namespace heddle
