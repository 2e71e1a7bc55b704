// tests/schedules/rank_correlation_test.cpp -- Spearman's coefficient by hand.
#include "schedules/rank_correlation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/error.h"

namespace heddle {
namespace {

TEST(RankCorrelation, CountsTheOrderAlone) {
    EXPECT_DOUBLE_EQ(rank_correlation({1, 2, 3, 4}, {10, 20, 1000, 1001}), 1);
    EXPECT_DOUBLE_EQ(rank_correlation({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
    // 1 - 6 * (0 + 1 + 1) / (3 * 8)
    EXPECT_DOUBLE_EQ(rank_correlation({1, 2, 3}, {1, 3, 2}), 0.5);
}

TEST(RankCorrelation, EqualNumbersShareTheirRanks) {
    EXPECT_DOUBLE_EQ(rank_correlation({1, 1, 2, 2}, {5, 5, 6, 6}), 1);
    EXPECT_NEAR(rank_correlation({1, 1, 2}, {1, 2, 3}), std::sqrt(3.0) / 2, 1e-12);
}

TEST(RankCorrelation, HasNoValueWithoutAnOrder) {
    EXPECT_TRUE(std::isnan(rank_correlation({1, 1}, {1, 2})));
    EXPECT_TRUE(std::isnan(rank_correlation({}, {})));
    EXPECT_THROW(rank_correlation({1}, {}), InternalError);
}

}  // namespace
}  // namespace heddle
