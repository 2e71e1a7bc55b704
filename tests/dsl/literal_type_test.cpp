// tests/dsl/literal_type_test.cpp -- literals take the type of what they meet, other operands their common type.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/tensor.h"

namespace heddle {
namespace {

struct Case {
    ScalarType tensor;
    double literal;
    bool whole;
    ScalarType result;
};
void PrintTo(const Case& c, std::ostream* out) { *out << name_of(c.tensor) << " and " << c.literal; }
class LiteralType : public testing::TestWithParam<Case> {};

TEST_P(LiteralType, IsTheOtherOperands) {
    const AnyTensor x("x", GetParam().tensor, std::vector<Extent>{8});
    const Expr read = x.at({0});
    const Expr literal = GetParam().whole ? Expr(static_cast<int>(GetParam().literal)) : Expr(GetParam().literal);
    EXPECT_EQ((read + literal).type(), GetParam().result);
    EXPECT_EQ((literal * read).type(), GetParam().result);
    EXPECT_EQ((read + literal).as<Binary>()->a.type(), GetParam().result);
    EXPECT_EQ((read + literal).as<Binary>()->b.type(), GetParam().result);
    EXPECT_EQ(max(read, literal).type(), GetParam().result);
    EXPECT_EQ(select(read < literal, read, literal).type(), GetParam().result);
}
INSTANTIATE_TEST_SUITE_P(All, LiteralType,
                         testing::Values(Case{f32, 0.5, false, f32}, Case{f32, 2, true, f32},
                                         Case{f16, 0.5, false, f32}, Case{bf16, 2, true, f32},
                                         Case{f64, 0.5, false, f64}, Case{i32, 2, true, i32}, Case{u8, 2, true, i32},
                                         Case{i64, 2, true, i64}, Case{i32, 0.5, false, f64}));

TEST(OperandTypes, MeetInTheirCommonType) {
    const Tensor x("x", f32, {8}), y("y", f64, {8}), m("m", boolean, {8});
    const Var n("n");
    EXPECT_EQ((x(n) + y(n)).type(), f64);
    EXPECT_EQ((x(n) * n).type(), f32);
    EXPECT_EQ((x(n) * n).as<Binary>()->b.as<Cast>()->to, f32);
    EXPECT_EQ((m(n) + m(n)).type(), i32);
    EXPECT_EQ((m(n) * x(n)).type(), f32);
    EXPECT_EQ((n + 1).type(), i64);
    EXPECT_EQ(sqrt(Expr(n)).type(), f32);
    EXPECT_EQ(floor(Expr(n)).type(), i64);
    EXPECT_EQ((x(n) < y(n)).type(), boolean);
}

TEST(OperandTypes, OfConditionsAreBoolean) {
    const Var n("n");
    const Tensor m("m", boolean, {8});
    EXPECT_EQ(print(n && m(n)), "n != 0 && m[n]");
    EXPECT_EQ(print(!Expr(n)), "!(n != 0)");
    EXPECT_EQ(print(select(n, n + 1, n)), "select(n != 0, n + 1, n)");
}

TEST(Literals, RoundAndWrapToTheirType) {
    EXPECT_EQ(Expr::floating(0.1, f32).as<FloatImm>()->value, static_cast<double>(0.1f));
    EXPECT_EQ(Expr::floating(1.0 / 3, f16).type(), f32);
    EXPECT_EQ(Expr::integer(300, u8).as<IntImm>()->value, 44);
    EXPECT_EQ(Expr::integer(300, u8).type(), i32);
    EXPECT_TRUE(is_const(cast(i8, 200), -56));
    EXPECT_EQ(cast(f32, 16777217).as<FloatImm>()->value, 16777216.0);
    EXPECT_TRUE(is_const(cast(i32, 2.75), 2));
}

}  // namespace
}  // namespace heddle
