// tests/codegen/holds_at_points_test.cpp -- conditions over few points are decided by trying them all.
#include "codegen/holds_at_points.h"

#include <gtest/gtest.h>

#include "dsl/tensor.h"

namespace heddle::test {
namespace {

struct HoldsAtPoints : testing::Test {
    Var i{"i"}, j{"j"}, k{"k"};
    Expr a = i, b = j, c = k;
    Ranges ranges() const {
        return {{i.symbol(), {0, 8}}, {j.symbol(), {0, 4}}, {k.symbol(), {0, a}}};  // k <= i
    }
    std::optional<bool> decide(const Expr& test, const std::vector<Expr>& facts, std::int64_t most = 1000) const {
        return holds_at_points(test, facts, ranges(), most);
    }
};

TEST_F(HoldsAtPoints, TakesFactsAndRangesIntoAccount) {
    EXPECT_EQ(decide(5 * ((a + 1) / 2) + b < 25, {}), true);
    EXPECT_EQ(decide(5 * ((a + 1) / 2) + b < 24, {}), false);
    EXPECT_EQ(decide(5 * ((a + 1) / 2) + b < 24, {b < 4}), true);
    EXPECT_EQ(decide(c <= a, {}), true);
    EXPECT_EQ(decide(Expr(1) <= a % 2, {equals(a % 2, 1)}), true);
    EXPECT_EQ(decide(Expr(1) <= a % 2, {}), false);
    EXPECT_EQ(decide(a < 1, {a < 4, Expr(0) <= -(a % 4)}), true);
    EXPECT_EQ(decide(a < 1, {a < 5, Expr(0) <= -(a % 4)}), false);
}

TEST_F(HoldsAtPoints, LeavesWhatHasTooManyPointsOrNoRange) {
    const Var other("other");
    EXPECT_EQ(decide(a + b < 13, {}, 45), true);
    EXPECT_EQ(decide(a + b < 13, {}, 44), std::nullopt);
    EXPECT_EQ(decide(Expr(other) < 13, {}), std::nullopt);
    EXPECT_EQ(decide(a < 9, {Expr(other) < 13}), true);
}

}  // namespace
}  // namespace heddle::test
