// tests/dsl/parse_tuple_test.cpp -- tuple reductions carry their whole reducer in the text.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/equivalent.h"

namespace heddle {
namespace {

TEST(parse_tuple, the_reducers_at_hand_read_back) {
    Tensor x("x", f32, {4, 10});
    Tensor m("m", f32, {4}), s("s", f32, {4});
    Tensor i("i", i64, {4});
    Var n("n");
    RVar c("c");
    reduce({m(n), i(n)}, argmax_reducer(f32), {x(n, c), c});
    const Pipeline argmax = Pipeline::of({m, i});
    EXPECT_EQ(print(parse_pipeline(print(argmax))), print(argmax));
    EXPECT_TRUE(test::equivalent(parse_pipeline(print(argmax)), argmax));

    Tensor top("top", f32, {4});
    reduce({top(n), s(n)}, max_sum_exp_reducer(f32), {x(n, c), 1.0});
    const Pipeline sums = Pipeline::of({top, s});
    EXPECT_EQ(print(parse_pipeline(print(sums))), print(sums));
    EXPECT_TRUE(test::equivalent(parse_pipeline(print(sums)), sums));
}

TEST(parse_tuple, one_of_its_tensors_as_the_output) {
    const std::string text =
        "x: f32[4]\nm: f32[]\ns: f32[]\n"
        "(m[], s[]) reduce best {(-inf, 0.0); (a0, a1), (b0, b1) -> (max(a0, b0), a1 + b1)} (x[n], 1.0)\n"
        "output s\n";
    EXPECT_EQ(print(parse_pipeline(text)), text);
}

std::string refusal(const std::string& definition) {
    try {
        parse_pipeline("x: f32[4]; m: f32[]; s: f32[]\n" + definition);
    } catch (const UserError& error) {
        return error.what();
    }
    return "no error";
}

TEST(parse_tuple, what_is_refused) {
    const auto says = [](const std::string& definition, const std::string& message) {
        const std::string text = refusal(definition);
        EXPECT_NE(text.find(message), std::string::npos) << text;
    };
    says("(m[], s[]) reduce t {(0, 0); (a, b), (c, d) -> (a + c, b + d)} (x[n], 1)", "no error");
    says("(m[], s[]) reduce t {(0, 0); (a, b), (c, d) -> (a + e, b + d)} (x[n], 1)",
         "'e' is not a component of the reducer");
    says("(m[], s[]) reduce t {(0, 0); (a, b), (a, d) -> (a + a, b + d)} (x[n], 1)", "'a' names two components");
    says("(m[], s[]) reduce t {(0); (a, b), (c, d) -> (a + c, b + d)} (x[n], 1)",
         "the tuple has 2 components and is given 1 identities");
    says("(m[], s[]) reduce t {(0, 0); (a), (c, d) -> (a + c, d)} (x[n], 1)", "is given 1 names");
    says("(m[], s[]) reduce t {(0, 0); (a, b), (c, d) -> (a + c)} (x[n], 1)", "is given 1 combined values");
    says("(m[], s[]) reduce t {(0, 0); (a, b), (c, d) -> (a + c, b + d)} (x[n])", "is given 1 values");
    says("(m[], s[]) += x[n]", "expected 'reduce' and a reducer");
    says("(m[], s[n]) reduce t {(0, 0); (a, b), (c, d) -> (a + c, b + d)} (x[n], 1)", "s has 0 dimensions");
    says("(m[], k[n]) reduce t {(0, 0); (a, b), (c, d) -> (a + c, b + d)} (x[n], 1)", "share their indices");
}

}  // namespace
}  // namespace heddle
