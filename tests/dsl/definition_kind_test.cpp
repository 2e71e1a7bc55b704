// tests/dsl/definition_kind_test.cpp -- a Var indexes the output, an RVar is reduced over.
#include <gtest/gtest.h>

#include "dsl/definition.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

struct definition_kind : testing::Test {
    Tensor<2> x{"x", f32, {4, 6}};
    Tensor<1> y{"y", f32, {4}};
    Var i{"i"}, j{"j"};
    RVar r{"r"};
};

TEST_F(definition_kind, an_rvar_is_absent_from_the_left) {
    y(i) += x(i, r);
    EXPECT_TRUE(y.node()->definitions[0]->find(r.symbol())->reduced);
    EXPECT_FALSE(y.node()->definitions[0]->find(i.symbol())->reduced);
}

TEST_F(definition_kind, a_var_absent_from_the_left_is_refused) {
    test::expect_refusal([&] { y(i) += x(i, j); },
                         "j is absent from the left of y: a variable that is reduced is an RVar; "
                         "write RVar j(\"j\"), or put j on the left");
}

TEST_F(definition_kind, an_rvar_alone_on_the_left_is_refused) {
    test::expect_refusal([&] { y(r) += x(r, 0); }, "r is an RVar and indexes y by itself: write Var r(\"r\")");
}

TEST_F(definition_kind, an_rvar_in_a_computed_left_index_scatters) {
    Tensor w("w", f32, {3});
    y(i + r - 1) += x(i, 0) * w(r);
    EXPECT_FALSE(y.node()->definitions[0]->find(r.symbol())->reduced);
}

TEST_F(definition_kind, the_domain_lists_the_left_first) {
    Tensor z("z", f32, {6, 4});
    RVar s("s");
    Tensor w("w", f32, {4, 6});
    z(j, i) += w(s, r) * x(i, j);
    std::string order;
    for (const DomainVar& variable : z.node()->definitions[0]->domain) order += variable.symbol.name();
    EXPECT_EQ(order, "jisr");
}

}  // namespace
}  // namespace heddle
