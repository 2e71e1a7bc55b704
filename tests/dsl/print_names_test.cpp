// tests/dsl/print_names_test.cpp -- symbols that share a name print as p, p_1; words that stand for values are avoided.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/equivalent.h"

namespace heddle {
namespace {

TEST(print_names, two_variables_of_one_name) {
    Tensor x("x", f32, {4, 5}), y("y", f32, {4, 5});
    Var p("p"), other("p");
    y(p, other) = x(p, other);
    EXPECT_EQ(print(*y.node()->definitions[0]), "y[p,p_1] = x[p,p_1]");
    const Pipeline pipeline = Pipeline::of({y});
    EXPECT_TRUE(test::equivalent(parse_pipeline(print(pipeline)), pipeline));
}

TEST(print_names, a_variable_named_as_a_size_or_a_value) {
    const Extent size = Extent::dynamic("n", 1, 8);
    Tensor x("x", f32, {size, 3});
    Tensor y("y", f32, {size});
    Var n("n");
    RVar inf("inf");
    y(n) += x(n, inf);
    const Pipeline pipeline = Pipeline::of({y});
    EXPECT_EQ(print(pipeline), "n in [1,8]\nx: f32[n,3]\ny: f32[n]\ny[n_1] += x[n_1,inf_1]\n");
    EXPECT_TRUE(test::equivalent(parse_pipeline(print(pipeline)), pipeline));
}

TEST(print_names, each_definition_has_its_own) {
    Tensor x("x", f32, {4}), y("y", f32, {4}), z("z", f32, {4});
    Var n("n"), other("n");
    y(n) = x(n);
    z(other) = y(other);
    EXPECT_EQ(print(Pipeline::of({z})), "x: f32[4]\ny: f32[4]\nz: f32[4]\ny[n] = x[n]\nz[n] = y[n]\n");
}

TEST(print_names, a_tensor_named_as_a_function_or_a_variable) {
    const std::string text = "zero: f32[4,5]\nexp: f32[5]\nn: f32[4]\nn[n] += zero(zero)[n,exp-1] * exp(exp[exp])\n";
    EXPECT_EQ(print(parse_pipeline(text)), text);
}

}  // namespace
}  // namespace heddle
