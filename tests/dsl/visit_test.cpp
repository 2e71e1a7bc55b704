// tests/dsl/visit_test.cpp -- walking, rewriting and comparing expressions.
#include "dsl/visit.h"

#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/tensor.h"

namespace heddle {
namespace {

struct Visit : testing::Test {
    Tensor<1> x{"x", f32, {8}};
    Var n{"n"}, m{"m"};
    Expr every = print_when(n < 2, "seen", stop_gradient(select(n < m, -x(n), cast(f16, x(m)))), {n + m, index(m, 8)});
};

TEST_F(Visit, OperandsGoBackIntoTheirNode) {
    for_each_node(every, [](const Expr& e) {
        EXPECT_TRUE(with_operands(e, operands_of(e)).same_as(e)) << print(e);
        std::vector<Expr> copies;
        for (const Expr& operand : operands_of(e)) copies.push_back(substitute(operand, {}));
        EXPECT_TRUE(equal(with_operands(e, copies), e)) << print(e);
    });
}

TEST_F(Visit, VisitsOperandsFirstAndSharedNodesOnce) {
    const Expr read = x(n), sum = read + read;
    std::vector<std::string> seen;
    for_each_node(sum, [&](const Expr& e) { seen.push_back(print(e)); });
    EXPECT_EQ(seen, (std::vector<std::string>{"n", "x[n]", "x[n] + x[n]"}));
}

TEST_F(Visit, SubstitutesEverywhere) {
    const Expr changed = substitute(every, {{n.symbol(), m + 1}});
    EXPECT_FALSE(uses(changed, n.symbol()));
    EXPECT_TRUE(uses(changed, m.symbol()));
    EXPECT_TRUE(substitute(every, {{Symbol("k", SymbolKind::free), 1}}).same_as(every));
    EXPECT_EQ(print(substitute(n + 1, {{n.symbol(), 2}})), "3");
}

TEST_F(Visit, RewritesBottomUp) {
    const Expr e = rewrite(n + m * 2, [](const Expr& node) { return node.as<IntImm>() ? Expr(5) : Expr(); });
    EXPECT_EQ(print(e), "n + m * 5");
}

TEST_F(Visit, ListsSymbolsByFirstUse) {
    EXPECT_EQ(symbols_of(m * 2 + n - m), (std::vector<Symbol>{m.symbol(), n.symbol()}));
}

TEST_F(Visit, EqualityIsOfStructure) {
    EXPECT_TRUE(equal(n + 1, n + 1));
    EXPECT_FALSE(equal(n + 1, 1 + n));
    EXPECT_FALSE(equal(n + 1, m + 1));
    EXPECT_FALSE(equal(x(n), zero(x)(n)));
    EXPECT_FALSE(equal(Expr::integer(1, i32), Expr(1)));
    EXPECT_FALSE(equal(cast(f16, x(n)), cast(bf16, x(n))));
    EXPECT_FALSE(equal(Expr(0.0), Expr(-0.0)));
}

}  // namespace
}  // namespace heddle
