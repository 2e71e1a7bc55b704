// tests/dsl/definition_order_test.cpp -- one `=`, which comes first, then updates of one operator.
#include <gtest/gtest.h>

#include "dsl/pipeline.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

struct definition_order : testing::Test {
    Tensor<1> x{"x", f32, {4}}, y{"y", f32, {4}};
    Var i{"i"};
    RVar r{"r"};
};

TEST_F(definition_order, an_assignment_then_updates) {
    y(i) = x(i);
    y(i) += x(r);
    y(i) += x(i);
    const Pipeline pipeline = Pipeline::of({y});
    ASSERT_EQ(pipeline.stages.size(), 3u);
    EXPECT_EQ(pipeline.stages[0].name(), "y.0");
    EXPECT_EQ(pipeline.stages[2].name(), "y.2");
}

TEST_F(definition_order, a_second_assignment_is_refused) {
    y(i) = x(i);
    test::expect_refusal([&] { y(i) = x(i); }, "y is already defined");
}

TEST_F(definition_order, an_assignment_after_an_update_is_refused) {
    y(i) += x(i);
    test::expect_refusal([&] { y(i) = x(i); }, "an `=` comes first and only once");
}

TEST_F(definition_order, two_operators_are_refused) {
    y(i) += x(i);
    test::expect_refusal([&] { y(i).maximize(x(i)); }, "y is updated with +=");
    test::expect_refusal([&] { y(i) *= x(i); }, "all updates of a tensor use one operator");
}

TEST_F(definition_order, argmax_after_an_assignment_is_refused) {
    Tensor z("z", i32, {4});
    z(i) = i;
    test::expect_refusal([&] { z(i).argmax(x(r)); }, "z has an `=` before its argmax=");
}

TEST_F(definition_order, a_tensor_does_not_read_itself) {
    test::expect_refusal([&] { y(i) += y(i) * x(i); }, "y is read by its own definition: use an update (y += ...)");
    EXPECT_FALSE(y.has_definition());
}

TEST_F(definition_order, the_error_says_where) {
    try {
        y(i) += x(i + 1);
        FAIL();
    } catch (const UserError& error) {
        EXPECT_NE(std::string(error.what()).find("definition_order_test.cpp:" + std::to_string(__LINE__ - 3)),
                  std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace heddle
