// tests/schedules/first_class_test.cpp -- which gathers have residue classes, and what the first of them is.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "schedules/first_class.h"

namespace heddle {
namespace {

FirstClass of(const std::string& text) {
    static Pipeline pipeline;  // owns the definition
    pipeline = parse_pipeline(text);
    return first_class(*pipeline.stages[0].definition);
}

TEST(FirstClassTest, QuotientsBecomeWindows) {
    const FirstClass found =
        of("g: f32[9]\nw: f32[3]\nd: f32[17]\nd[i] += zero(g)[(i+1)/2-a] * zero(w)[2*a+(i+1)%2] | a<2");
    ASSERT_EQ(found.splits.size(), 1);
    EXPECT_EQ(found.splits[0].classes, 2);
    ASSERT_TRUE(found.definition);
    EXPECT_EQ(found.definition->find(found.splits[0].quotient)->extent.value(), 9);
    EXPECT_EQ(print(found.definition->right[0]), "zero(g)[i-a] * zero(w)[2*a+1]");
}

TEST(FirstClassTest, EachVariableHasItsOwnDivisor) {
    const FirstClass found = of("x: f32[4,5]\nw: f32[3,2]\ny: f32[12,10]\ny[i,j] = x[i/3,j/2] * w[i%3,j%2]");
    ASSERT_EQ(found.splits.size(), 2);
    EXPECT_EQ(found.splits[0].classes, 3);
    EXPECT_EQ(found.splits[1].classes, 2);
}

TEST(FirstClassTest, NothingWithoutOneDivisor) {
    EXPECT_TRUE(of("x: f32[12]\ny: f32[12]\ny[i] = x[i]").splits.empty());
    EXPECT_TRUE(of("x: f32[12]\ny: f32[12]\ny[i] = x[i/2] * x[i/3]").splits.empty());
    EXPECT_TRUE(of("x: f32[12]\ny: f32[4]\ny[i] = x[3*i/2]").splits.empty());
    EXPECT_TRUE(of("x: f32[4]\ny: f32[3]\ny[i] = x[i/2]").splits.empty());
    EXPECT_TRUE(of("N in [4,64]\nx: f32[N]\ny: f32[N]\ny[i] = x[i/2]").splits.empty());
}

}  // namespace
}  // namespace heddle
