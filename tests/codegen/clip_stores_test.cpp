// tests/codegen/clip_stores_test.cpp -- a clipped loop runs wherever one of the stores in it does.
#include <gtest/gtest.h>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

// h is computed for other r than y is updated for.
TEST(ClippedLoop, OfStoresUnderDifferentTests) {
    const Compiled compiled(
        std::string("x: f32[9]; w: f32[3]; v: f32[9]; h: f32[9]; y: f32[9]\nh[i] = 2.0 * x[i]\n"
                    "y[n] += (zero(h)[n+r-1] + 1.0) * (zero(v)[n-r+1] * w[r])"));
    EXPECT_EQ(compiled.difference("y: clip(r)"), "");
    EXPECT_EQ(compiled.difference("y: clip(r); h: compute_at(y, r)"), "");
}

}  // namespace
}  // namespace heddle::test
