// tests/dsl/prove_test.cpp -- what prove decides over symbolic ranges, and what it leaves open.
#include <gtest/gtest.h>

#include "dsl/extent.h"
#include "dsl/interval.h"
#include "dsl/parse.h"

namespace heddle {
namespace {

struct Case {
    const char* condition;
    std::optional<bool> result;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.condition; }
class Prove : public testing::TestWithParam<Case> {};

TEST_P(Prove, Decides) {
    const Symbol N = Symbol::parameter("N", 1, 4096), C = Symbol::parameter("C", 1, 64);
    ParseContext context;
    context.parameters = {{"N", Extent(Expr(N))}, {"C", Extent(Expr(C))}};
    const Symbol n("n", SymbolKind::free), c("c", SymbolKind::free), r("r", SymbolKind::reduction),
        o("o", SymbolKind::loop), i("i", SymbolKind::loop), j("j", SymbolKind::loop), k("k", SymbolKind::loop);
    const std::map<std::string, Symbol> variables = {{"n", n}, {"c", c}, {"r", r}, {"o", o},
                                                     {"i", i}, {"j", j}, {"k", k}};
    const Ranges ranges = {{n, range_of_extent(Expr(N))}, {c, range_of_extent(Expr(C))},
                           {r, range_of_extent(3)},       {o, range_of_extent((Expr(N) + 13) / 14)},
                           {i, range_of_extent(14)},      {j, range_of_extent(min(Expr(14), Expr(N) - 14 * Expr(o)))}};
    EXPECT_EQ(prove(parse_expr(GetParam().condition, context, variables), ranges), GetParam().result);
}

const std::optional<bool> open;
INSTANTIATE_TEST_SUITE_P(
    Holds, Prove,
    testing::Values(Case{"n < N", true}, Case{"0 <= n && n <= N - 1", true}, Case{"n + r < N + 2", true},
                    Case{"14*o + i < N + 13", true}, Case{"o < (N + 13) / 14", true},
                    Case{"n / 14 < (N + 13) / 14", true}, Case{"14*o + j < N", true},
                    Case{"min(14*o + i, N - 1) < N", true}, Case{"0 <= max(0, min(n + r - 1, N - 1))", true},
                    Case{"max(0, min(n + r - 1, N - 1)) < N", true}, Case{"n*C + c < N*C", true},
                    Case{"n*C + c <= N*C - 1", true}, Case{"n % 14 < N", true}, Case{"n / 2 < N", true},
                    Case{"(n + 1) / 2 <= N / 2", true}, Case{"2*(n/2) <= n", true}, Case{"n - 14*(n/14) < 14", true},
                    Case{"(n + r + 5) % N < N", true}, Case{"2*n + r + 1 < 2*N + 2", true},
                    Case{"N <= n || n < N", true}, Case{"2*n != 2*r + 1", true}, Case{"k < 5 || 3 < k", true},
                    Case{"5 <= k || 2*k < 10", true}, Case{"!(0 <= k && k < 14) || k / 14 == 0", true}));
INSTANTIATE_TEST_SUITE_P(Fails, Prove,
                         testing::Values(Case{"N <= n", false}, Case{"n < 0", false}, Case{"n == N", false},
                                         Case{"N <= 14*o + j", false}, Case{"4*n == 2*r + 1", false},
                                         Case{"n < r && r < n", false}));
INSTANTIATE_TEST_SUITE_P(StaysOpen, Prove,
                         testing::Values(Case{"n + r - 1 < N", open}, Case{"0 <= n + r - 1", open},
                                         Case{"14*o + i < N", open}, Case{"n < c", open}, Case{"k < N", open},
                                         Case{"n*C + c + 1 < N*C", open}));

TEST(Interval, IsExactForAffineSums) {
    const Symbol p("p", SymbolKind::free), r("r", SymbolKind::reduction);
    const Ranges ranges = {{p, range_of_extent(28)}, {r, range_of_extent(3)}};
    EXPECT_EQ(interval_of(2 * Expr(p) - 3 * Expr(r) + 1, ranges), (Interval{-5, 55}));
    EXPECT_EQ(interval_of(Expr(p) - Expr(p) + Expr(r), ranges), (Interval{0, 2}));
    EXPECT_EQ(interval_of(Expr(p) % 5, ranges), (Interval{0, 4}));
    EXPECT_EQ(interval_of(Expr(p) / -5, ranges), (Interval{-6, 0}));
}

TEST(Interval, OfUnknownsIsTheirType) {
    const Symbol k("k", SymbolKind::loop);
    EXPECT_EQ(interval_of(k, {}), (Interval{}));
    EXPECT_EQ(interval_of(cast(u8, Expr(k)), {}), (Interval{0, 255}));
    EXPECT_EQ(interval_of(Expr(k) < 3, {}), (Interval{0, 1}));
}

}  // namespace
}  // namespace heddle
