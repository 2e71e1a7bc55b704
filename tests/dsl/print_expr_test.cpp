// tests/dsl/print_expr_test.cpp -- expressions print with the fewest brackets and read back with the same structure.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

class PrintExpr : public testing::TestWithParam<const char*> {
protected:
    ParseContext context{{{"x", AnyTensor("x", f32, {{8, 8}})},
                          {"t", AnyTensor("t", i32, {{8}})},
                          {"a", AnyTensor("a", f64, std::vector<Extent>{})}},
                         {{"N", Extent::dynamic("N", 1, 64)}}};
    std::map<std::string, Symbol> variables{{"n", Symbol("n", SymbolKind::free)}, {"r", Symbol("r", SymbolKind::free)}};
};

TEST_P(PrintExpr, reads_back) {
    const Expr e = parse_expr(GetParam(), context, variables);
    EXPECT_EQ(print(e), GetParam());
    EXPECT_TRUE(equal(parse_expr(print(e), context, variables), e));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, PrintExpr,
    testing::Values("n - (r - 1)", "n - r - 1", "(n + r) * 2", "n + r * 2", "n / (r * 2)", "n / r * 2", "n % 3 / 2",
                    "-n * r", "-(n * r)", "-(-n)", "n - (-r)", "n - (-1)", "n * -1", "!(n < r) && r <= 3",
                    "n < 1 || r < 2 && n < 3", "(n < 1 || r < 2) && n < 3", "i32(n < r) == i32(r < n)", "n != r",
                    "x[n,r] * 2.0 + 0.1", "2.0 / x[n,r]", "x[n+r-1,2*n]", "x[(n+r)*2,n%3]", "t[n] + 3",
                    "i64(t[n]) + 3000000000", "f64(x[n,r]) * a[]", "exp(x[n,r])", "exp(2.0f32) * x[n,r]",
                    "min(n, max(r, 3))", "pow(x[n,r], 2.0)", "select(n < r, x[n,r], 0.0)", "f32(n) + 1.5",
                    "i8(t[n]) + i32(n < 3)", "f16(x[n,r])", "N - 1 - n", "x[index(t[n],8),index_clamped(n+1,2*N)]",
                    "stop_gradient(x[n,r])", "x[n,r] < inf", "x[n,r] == -inf", "x[n,r] != nan",
                    "print_when(n < 1, \"here\", x[n,r], n, r)", "1.0f32 / 3.0f32", "i32(3i64) + t[n]", "true", "42",
                    "1.5", "-2.5", "-9223372036854775808", "1e+300", "5e-324", "7i32", "inff32",
                    "constant(x, 0.25)[n-1,r]", "skip(x)[n,r]"));

class PrintExprShorter : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(PrintExprShorter, drops_what_is_not_needed) {
    ParseContext context{{{"x", AnyTensor("x", f32, {{8, 8}})}}, {}};
    const std::map<std::string, Symbol> variables{{"n", Symbol("n", SymbolKind::free)},
                                                  {"r", Symbol("r", SymbolKind::free)}};
    EXPECT_EQ(print(parse_expr(GetParam().first, context, variables)), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, PrintExprShorter,
    testing::Values(std::pair{"((n) + (r))", "n + r"}, std::pair{"n > r", "r < n"}, std::pair{"n >= r", "r <= n"},
                    std::pair{"x[n,r]*2", "x[n,r] * 2.0"}, std::pair{"x[n,r] * (1.0 / 8)", "x[n,r] * 0.125"},
                    std::pair{"x[n,r] / sqrt(64)", "x[n,r] / sqrt(64.0f32)"}, std::pair{"n + (2*3 - 1)", "n + 5"},
                    std::pair{"clamp(n, 0, 7)", "min(max(n, 0), 7)"}, std::pair{"min(n, r, 3)", "min(min(n, r), 3)"},
                    std::pair{"x[n,r] * 1.f32", "x[n,r] * 1.0"}, std::pair{"x[n,\n  r] # a comment", "x[n,r]"},
                    std::pair{"n\n  + r", "n + r"}, std::pair{".5", "0.5"}));

}  // namespace
}  // namespace heddle
