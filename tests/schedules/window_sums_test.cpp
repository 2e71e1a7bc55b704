// tests/schedules/window_sums_test.cpp -- sums to the elements of a window, on a CUDA device: tiles in registers.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle::test {
namespace {

std::string schedule_of(const std::string& text) {
    return print(default_schedule(parse_pipeline(text), Target::cuda(90)));
}
bool says(const std::string& schedule, const std::string& part) { return schedule.find(part) != std::string::npos; }

TEST(WindowSums, RowsGoThroughByTiles) {
    const std::string found = schedule_of(
        "g: f32[64,144,56,56]\nx: f32[64,144,56,56]\nd[c,r,s] += g[n,c,p,q] * zero(x)[n,c,p+r-1,q+s-1] | r<3 s<3");
    EXPECT_TRUE(says(found, "split(p, 4) split(q, 4)")) << found;
    EXPECT_TRUE(says(found, "cache_in(x, registers")) << found;
    EXPECT_TRUE(says(found, "cache_in(g, registers")) << found;
    EXPECT_TRUE(says(found, "split_reduction(")) << found;
}

TEST(WindowSums, NeighbouringChannelsAreLanes) {
    const std::string found = schedule_of(
        "g: f16[64,56,56,144]\nx: f16[64,56,56,144]\nd[c,r,s] += g[n,p,q,c] * zero(x)[n,p+r-1,q+s-1,c] | r<3 s<3");
    EXPECT_TRUE(says(found, "split(c, 4)")) << found;
    EXPECT_TRUE(says(found, "bind(c.o, thread_x)")) << found;
    EXPECT_TRUE(says(found, "vectorize(c.i)")) << found;
}

// Filters over all channels are products of matrices.
TEST(WindowSums, DenseWeightGradientsAreNone) {
    const std::string found = schedule_of(
        "g: f16[64,64,56,56]\nx: f16[64,64,56,56]\nd[k,c,r,s] += g[n,k,p,q] * zero(x)[n,c,p+r-1,q+s-1] | r<3 s<3");
    EXPECT_TRUE(says(found, "tensorize(")) << found;
    EXPECT_FALSE(says(found, "cache_in(x, registers")) << found;
}

// Nothing is shifted: sums of columns.
TEST(WindowSums, PlainSumsAreNone) {
    const std::string found = schedule_of("x: f32[64,56,56,144]\nb[c] += x[n,p,q,c]");
    EXPECT_FALSE(says(found, "registers")) << found;
}

}  // namespace
}  // namespace heddle::test
