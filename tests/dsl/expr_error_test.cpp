// tests/dsl/expr_error_test.cpp -- operands that mean nothing together are refused in the user's words.
#include <gtest/gtest.h>

#include <functional>

#include "dsl/tensor.h"

namespace heddle {
namespace {

std::string message_of(const std::function<void()>& run) {
    try {
        run();
    } catch (const UserError& error) {
        return error.message();
    }
    return "";
}

TEST(ExprError, ModuloOfFloats) {
    const Tensor x("x", f32, {8});
    const Var n("n");
    EXPECT_EQ(message_of([&] { x(n) % 2; }),
              "`%` of `x[n]` (f32) and `2` (i64) needs integers; for floats write "
              "a - b * floor(a / b)");
    EXPECT_EQ(message_of([&] { n % 2; }), "");
}

TEST(ExprError, FloatIndex) {
    const Tensor x("x", f32, {8}), t("t", i32, {8});
    const Var n("n");
    EXPECT_EQ(message_of([&] { index(x(n), 8); }),
              "index(x[n], 8): `x[n]` (f32) is not an integer; an index and its extent are integers");
    EXPECT_EQ(message_of([&] { index(t(n), 8); }), "");
}

TEST(ExprError, FloatCondition) {
    const Tensor x("x", f32, {8});
    const Var n("n");
    EXPECT_EQ(message_of([&] { select(x(n), 1, 2); }),
              "`x[n]` (f32) is a float where select needs a condition: compare it, as in `!= 0`");
    EXPECT_EQ(message_of([&] { select(x(n) < 1, 1, 2); }), "");
}

TEST(ExprError, PowerOfIntegers) {
    const Var n("n");
    EXPECT_EQ(message_of([&] { pow(n, n); }),
              "pow(n, n) of integers needs a literal exponent from 0 to 16; cast one operand to a float type");
    EXPECT_EQ(message_of([&] { pow(cast(f32, n), n); }), "");
}

TEST(ExprError, UndefinedOperand) {
    EXPECT_EQ(message_of([] { Expr() + 1; }), "an operand is an undefined expression: give it a value first");
}

TEST(ExprError, LiteralsOfTheOtherKind) {
    EXPECT_EQ(message_of([] { Expr::integer(1, f32); }), "an integer literal cannot have the type f32");
    EXPECT_EQ(message_of([] { Expr::floating(1, i32); }), "a float literal cannot have the type i32");
}

}  // namespace
}  // namespace heddle
