// tests/dsl/simplify_fuzz_test.cpp -- simplified random expressions have the values of the originals.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "tests/dsl/integer_value.h"

namespace heddle {
namespace {

class SimplifyFuzz : public testing::TestWithParam<int> {};

TEST_P(SimplifyFuzz, KeepsValuesAndIsIdempotent) {
    const SmallSpace space;
    std::mt19937 random(static_cast<unsigned>(GetParam()));
    RandomExpr make = {random, space.symbols()};
    for (int round = 0; round < 400; ++round) {
        const Expr e = round % 3 ? make.integer(1 + round % 4) : make.condition(1 + round % 3);
        const Expr simple = simplify(e, space.ranges), anywhere = simplify(e);
        EXPECT_EQ(simple.type(), e.type());
        EXPECT_EQ(print(simplify(simple, space.ranges)), print(simple)) << "from " << print(e);
        for (int k = 0; k < 40; ++k) {
            const Values values = space.point(random);
            ASSERT_EQ(value_of(simple, values), value_of(e, values)) << print(e) << "\nbecame " << print(simple);
            ASSERT_EQ(value_of(anywhere, values), value_of(e, values)) << print(e) << "\nbecame " << print(anywhere);
        }
    }
}
INSTANTIATE_TEST_SUITE_P(Seeds, SimplifyFuzz, testing::Range(0, 8));

TEST(SimplifyFuzz, IsDeterministic) {
    const SmallSpace space;
    std::mt19937 random(99);
    RandomExpr make = {random, space.symbols()};
    for (int round = 0; round < 200; ++round) {
        const Expr e = make.integer(4);
        EXPECT_TRUE(equal(simplify(e, space.ranges), simplify(e, space.ranges))) << print(e);
    }
}

}  // namespace
}  // namespace heddle
