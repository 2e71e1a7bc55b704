// tests/dsl/simplify_index_test.cpp -- the canonical form of index arithmetic.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "dsl/simplify.h"

namespace heddle {
namespace {

/// N and C in [1, 4096]; n < N, c < C, p and q < 28, r < 3, m < 25088, o < (N+13)/14, i < 14; k anything.
struct IndexSpace {
    Symbol N = Symbol::parameter("N", 1, 4096), C = Symbol::parameter("C", 1, 4096);
    std::map<std::string, Symbol> variables;
    Ranges ranges;
    ParseContext context;

    IndexSpace() {
        context.parameters = {{"N", Extent(Expr(N))}, {"C", Extent(Expr(C))}};
        const std::vector<std::pair<std::string, Expr>> extents = {
            {"n", Expr(N)}, {"c", Expr(C)}, {"p", 28}, {"q", 28}, {"r", 3}, {"m", 25088}, {"o", (Expr(N) + 13) / 14},
            {"i", 14}};
        for (const auto& [name, extent] : extents) {
            variables[name] = Symbol(name, SymbolKind::free);
            ranges[variables[name]] = range_of_extent(extent);
        }
        variables["k"] = Symbol("k", SymbolKind::free);
    }
};

struct Case {
    const char *before, *after;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.before; }
class SimplifyIndex : public testing::TestWithParam<Case> {};

TEST_P(SimplifyIndex, Becomes) {
    IndexSpace space;
    const Expr e = parse_expr(GetParam().before, space.context, space.variables);
    EXPECT_EQ(print(simplify(e, space.ranges)), GetParam().after);
}

INSTANTIATE_TEST_SUITE_P(Sums, SimplifyIndex,
                         testing::Values(Case{"n + p - n + 3", "p + 3"}, Case{"r + p - 1 + 2*p", "3 * p + r - 1"},
                                         Case{"-1*p", "-p"}, Case{"3 - p", "3 - p"}, Case{"-2*p + 1", "1 - 2 * p"},
                                         Case{"(p + 1) * (q - 1) - p*q", "q - p - 1"},
                                         Case{"(n*C + c) * 2 - 2*c", "2 * C * n"}));
INSTANTIATE_TEST_SUITE_P(Quotients, SimplifyIndex,
                         testing::Values(Case{"(14*o + i) / 14", "o"}, Case{"(28*n + p) / 28", "n"},
                                         Case{"(4*p + 6) / 8", "(p + 1) / 2"}, Case{"m / 14 / 14", "m / 196"},
                                         Case{"(m % 196) / 14", "m / 14 % 14"}, Case{"(p - 1) / 2", "(p + 1) / 2 - 1"},
                                         Case{"(0 - p) / -2", "p / 2"}, Case{"(p - 28) / 28", "-1"},
                                         Case{"(n*C + c) / C", "n"}, Case{"k / 0", "0"}, Case{"k / -1", "-k"},
                                         Case{"14*(m/14) + m%14", "m"}, Case{"(m/14)%14*14 + m%14", "m % 196"}));
INSTANTIATE_TEST_SUITE_P(Modulos, SimplifyIndex,
                         testing::Values(Case{"(14*o + i) % 14", "i"}, Case{"(28*n + p) % 14", "p % 14"},
                                         Case{"(4*p + 6) % 8", "4 * ((p + 1) % 2) + 2"},
                                         Case{"(15*n + 17) % 14", "(15 * n + 3) % 14"}, Case{"m % 196 % 14", "m % 14"},
                                         Case{"(m % 28 + 3) % 14", "(m + 3) % 14"}, Case{"(p - 28) % 28", "p"},
                                         Case{"(n*C + c) % C", "c"}, Case{"k % 1", "0"}, Case{"k % -4", "-(-k % 4)"}));
INSTANTIATE_TEST_SUITE_P(MinMax, SimplifyIndex,
                         testing::Values(Case{"min(p, 27)", "p"}, Case{"max(0, p)", "p"}, Case{"min(p, 40)", "p"},
                                         Case{"min(N - 1, n)", "n"},
                                         Case{"clamp(p + r - 1, 0, 27)", "min(max(p + r - 1, 0), 27)"},
                                         Case{"clamp(p, 0, 27)", "p"}, Case{"max(min(k, 20), 5)", "min(max(k, 5), 20)"},
                                         Case{"min(min(k, 5), 7)", "min(k, 5)"}, Case{"min(k + 3, k)", "k"}));
INSTANTIATE_TEST_SUITE_P(Conditions, SimplifyIndex,
                         testing::Values(Case{"0 <= p + r - 1 && p + r - 1 < 28", "1 <= p + r && p + r < 29"},
                                         Case{"p + r - 1 < 0", "p + r < 1"}, Case{"2*p + 4*q <= 7", "p + 2 * q < 4"},
                                         Case{"2*p == 4*q + 1", "false"}, Case{"2*p == 4*q + 2", "p == 2 * q + 1"},
                                         Case{"k / 4 < 3", "k < 12"}, Case{"3 <= k / 4", "12 <= k"},
                                         Case{"!(k < 3)", "3 <= k"}, Case{"k < 3 && k < 3", "k < 3"},
                                         Case{"k < 3 || 3 <= k", "true"}, Case{"k < 3 && 5 < k", "false"},
                                         Case{"k < 3 && k < 5", "k < 3"}));
INSTANTIATE_TEST_SUITE_P(Selects, SimplifyIndex,
                         testing::Values(Case{"select(p < 28, p, q)", "p"},
                                         Case{"select(p < 7, p / 7, q)", "select(p < 7, 0, q)"},
                                         Case{"select(p < q, select(p < q, p, q), 3)", "select(p < q, p, 3)"},
                                         Case{"select(p < q, p, select(p < q, q, 3))", "select(p < q, p, 3)"},
                                         Case{"select(k < 3, q, q)", "q"}));

}  // namespace
}  // namespace heddle
