// tests/dsl/interval_fuzz_test.cpp -- intervals hold every value of random expressions, and proofs are true.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "tests/dsl/integer_value.h"

namespace heddle {
namespace {

class IntervalFuzz : public testing::TestWithParam<int> {};

TEST_P(IntervalFuzz, HoldsEveryValue) {
    const SmallSpace space;
    std::mt19937 random(static_cast<unsigned>(GetParam()));
    RandomExpr make = {random, space.symbols()};
    for (int round = 0; round < 400; ++round) {
        const Expr e = make.integer(1 + round % 4);
        const Interval range = interval_of(e, space.ranges);
        for (int k = 0; k < 40; ++k) {
            const std::int64_t value = value_of(e, space.point(random));
            ASSERT_LE(range.min, value) << print(e);
            ASSERT_GE(range.max, value) << print(e);
        }
    }
}

TEST_P(IntervalFuzz, ProvesOnlyWhatHolds) {
    const SmallSpace space;
    std::mt19937 random(static_cast<unsigned>(GetParam()) + 100);
    RandomExpr make = {random, space.symbols()};
    for (int round = 0; round < 400; ++round) {
        const Expr condition = make.condition(1 + round % 3);
        const std::optional<bool> proved = prove(condition, space.ranges);
        for (int k = 0; proved && k < 60; ++k)
            ASSERT_EQ(value_of(condition, space.point(random)), *proved ? 1 : 0) << print(condition);
    }
}
INSTANTIATE_TEST_SUITE_P(Seeds, IntervalFuzz, testing::Range(0, 8));

}  // namespace
}  // namespace heddle
