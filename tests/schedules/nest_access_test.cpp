// tests/schedules/nest_access_test.cpp -- addresses, strides and footprints of reads and writes, counted by hand.
#include "schedules/nest_access.h"

#include <gtest/gtest.h>

#include <deque>

#include "dsl/parse.h"
#include "schedules/schedule.h"

namespace heddle {
namespace {

StageAccesses accesses(const std::string& text, const std::string& schedule, const char* target = "host:avx512") {
    static std::deque<LoopNest> nests;  // results refer to them
    nests.push_back(scheduled_nest(parse_pipeline(text), parse_schedule(schedule), Target::parse(target)));
    return accesses_of(nests.back(), nests.back().stages.back());
}

const std::string window = "x: f32[40,64]\nw: f32[3,3]\ny: f32[38,62]\ny[i,j] += x[i+r,j+s] * w[r,s]";

TEST(NestAccess, StridesFollowSplitAndFusedLoops) {
    const StageAccesses all = accesses(window, "split(j, 8) fuse({i, j.o}, m)");
    ASSERT_EQ(all.loops.size(), 4U);  // m, j.i, r, s
    const NestAccess& x = all.reads[0];
    EXPECT_EQ(x.tensor.name(), "x");
    EXPECT_EQ(x.stride(0, all.loops), 8);
    EXPECT_EQ(x.stride(1, all.loops), 1);
    EXPECT_EQ(x.stride(2, all.loops), 64);
    EXPECT_EQ(x.stride(3, all.loops), 1);
    EXPECT_EQ(x.address({9, 3, 1, 2}), (1 + 1) * 64 + 8 + 3 + 2);  // m = 9: row 1, second eight
    EXPECT_EQ(all.writes[0].address({9, 3, 0, 0}), 62 + 8 + 3);
    EXPECT_FALSE(all.writes[0].moves_with(2));
}

TEST(NestAccess, FootprintsAreBoxesWithTheirHalo) {
    const StageAccesses all = accesses(window, "split(i, 2) split(j, 8) reorder(i.o, j.o, r, s, i.i, j.i)");
    const NestAccess& x = all.reads[0];
    EXPECT_EQ(x.footprint(2, all.loops, 64).elements, 4 * 10);  // 2 + 2 rows of 8 + 2
    EXPECT_EQ(x.footprint(4, all.loops, 64).elements, 2 * 8);
    EXPECT_EQ(x.footprint(2, all.loops, 64).run_bytes, 40);
    EXPECT_EQ(all.writes[0].footprint(2, all.loops, 64).elements, 16);
    // Whole rows lie side by side: one run.
    EXPECT_EQ(x.footprint(0, all.loops, 64).run_bytes, 4 * 40 * 64);
}

TEST(NestAccess, PlacesOfIterationsAreCountedOnce) {
    const StageAccesses all = accesses(window, "split(i, 2) split(j, 8) reorder(i.o, j.o, r, s, i.i, j.i)");
    const NestAccess& x = all.reads[0];
    EXPECT_EQ(x.places(2, 6, all.loops, 1000), 4 * 10);  // of 3 * 3 * 2 * 8 iterations
    EXPECT_EQ(x.places(4, 6, all.loops, 1000), 2 * 8);
    EXPECT_EQ(x.places(4, 4, all.loops, 1000), 1);
    EXPECT_EQ(x.places(2, 6, all.loops, 100), 3 * 3 * 2 * 8);  // too many to look at
}

TEST(NestAccess, BoundariesAndCopiesAreNoted) {
    const std::string padded = "x: f32[64]\nw: f32[3]\ny: f32[64]\ny[i] += zero(x)[i+r-1] * w[r]";
    const StageAccesses all = accesses(padded, "split(i, 16) reorder(i.o, r, i.i) vectorize(i.i)");
    EXPECT_TRUE(all.reads[0].leaves(0, all.loops));
    EXPECT_FALSE(all.reads[1].leaves(0, all.loops));
    EXPECT_TRUE(all.is_product);
    EXPECT_EQ(all.operations, 1);

    const StageAccesses copied = accesses("x: f32[8,16]\nw: f32[4,16]\ny[m,n] += x[m,k] * w[n,k]", "pack(w, {k, n})");
    const NestAccess& w = copied.reads[1];
    EXPECT_TRUE(w.packed);
    EXPECT_EQ(w.stride(1, copied.loops), 1);  // along n now
    EXPECT_EQ(w.stride(2, copied.loops), 4);
}

}  // namespace
}  // namespace heddle
