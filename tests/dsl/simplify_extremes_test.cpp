// tests/dsl/simplify_extremes_test.cpp -- literals near the ends of i64 neither crash the simplifier nor decide
// wrongly.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "tests/dsl/integer_value.h"

namespace heddle {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t literals[] = {least, least + 1, -(1LL << 62), -1, 0, 1, 3, 1LL << 62, most - 1, most};

TEST(SimplifyExtremes, QuotientsAndModulosKeepTheirValues) {
    const Symbol k("k", SymbolKind::loop);
    for (const std::int64_t a : literals)
        for (const std::int64_t b : literals)
            for (const Expr& e : {Expr(k) / b, Expr(k) % b, min(Expr(k), a), select(Expr(k) < a, Expr(b), Expr(a))}) {
                const Expr simple = simplify(e);
                EXPECT_TRUE(equal(simplify(simple), simple)) << print(e);
                for (const std::int64_t value : {-7, 0, 12})
                    EXPECT_EQ(value_of(simple, {{k, value}}), value_of(e, {{k, value}})) << print(e);
            }
}

TEST(SimplifyExtremes, SumsThatDoNotFitStay) {
    const Symbol k("k", SymbolKind::loop);
    const Expr e = (Expr(k) + most) + (Expr(k) + most);
    EXPECT_EQ(print(simplify(e)), print(e));
    for (const std::int64_t a : literals)
        for (const std::int64_t b : literals) {
            const Expr sum = simplify((Expr(k) * a + b) * a - Expr(k) / 2 * b);
            EXPECT_EQ(sum.type(), i64);
            prove(Expr(k) * a + b <= Expr(k) * b, {{k, range_of_extent(10)}});
        }
}

}  // namespace
}  // namespace heddle
