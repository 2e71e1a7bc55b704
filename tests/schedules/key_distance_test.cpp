// tests/schedules/key_distance_test.cpp -- how far problems of other sizes are, and which are no neighbours at all.
#include <gtest/gtest.h>

#include <cmath>

#include "dsl/parse.h"
#include "schedules/key_distance.h"

namespace heddle {
namespace {

TuningKey key(const std::string& text, const char* target = "host:avx512,threads=2") {
    return TuningKey::of(parse_pipeline(text), Target::parse(target));
}
TuningKey layer(int n, int c, int k, int p, int window = 3, const char* types = "f32") {
    const auto size = [](int value) { return std::to_string(value); };
    const std::string type = types, pad = size(window / 2);
    return key("x: " + type + "[" + size(n) + "," + size(p) + "," + size(p) + "," + size(c) + "]\nw: " + type + "[" +
               size(k) + "," + size(window) + "," + size(window) + "," + size(c) + "]\ny: " + type + "[" + size(n) +
               "," + size(p) + "," + size(p) + "," + size(k) + "]\n" + "y[n,p,q,k] += zero(x)[n,p+r-" + pad + ",q+s-" +
               pad + ",c] * w[k,r,s,c]");
}

TEST(KeyDistance, IsTheLogarithmOfTheRatiosOfSizes) {
    const TuningKey here = layer(8, 64, 64, 56);
    EXPECT_EQ(key_distance(here, here), 0);
    EXPECT_DOUBLE_EQ(key_distance(here, layer(16, 64, 64, 56)), 1);
    EXPECT_DOUBLE_EQ(key_distance(layer(16, 64, 64, 56), here), 1);
    EXPECT_DOUBLE_EQ(key_distance(here, layer(8, 128, 128, 56)), std::sqrt(2.0));
    EXPECT_DOUBLE_EQ(key_distance(here, layer(8, 64, 64, 28)), std::sqrt(2.0));
    EXPECT_LT(key_distance(here, layer(8, 64, 64, 55)), 0.1);
}

TEST(KeyDistance, OrdersNeighboursByTheirShape) {
    const TuningKey here = layer(8, 64, 64, 56);
    EXPECT_LT(key_distance(here, layer(8, 96, 64, 56)), key_distance(here, layer(8, 256, 64, 56)));
}

TEST(KeyDistance, OtherDefinitionsTypesAndTargetsAreNoNeighbours) {
    const TuningKey here = layer(8, 64, 64, 56);
    EXPECT_TRUE(std::isinf(key_distance(here, layer(8, 64, 64, 56, 5))));  // its padding differs
    EXPECT_TRUE(std::isinf(key_distance(here, layer(8, 64, 64, 56, 3, "f16"))));
    TuningKey there = here;
    there.target = "cuda:sm_90";
    EXPECT_TRUE(std::isinf(key_distance(here, there)));
    const std::string sizes = "x: f32[64]\n";
    EXPECT_TRUE(std::isinf(key_distance(key(sizes + "y[n] = x[n] * 2"), key(sizes + "y[n] = x[n] * 3"))));
    EXPECT_TRUE(std::isinf(key_distance({"of another", "t"}, {"version", "t"})));
}

}  // namespace
}  // namespace heddle
