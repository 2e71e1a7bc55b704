// tests/schedules/nearest_candidate_test.cpp -- a schedule is found again in its space, and near ones for those of
// others.
#include "schedules/nearest_candidate.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/target.h"

namespace heddle {
namespace {

TEST(NearestCandidate, FindsWhatMadeASchedule) {
    const Target target = Target::parse("host:avx512,threads=2");
    const Pipeline pipeline = parse_pipeline(
        "x: f32[4,30,30,64]\nw: f32[64,3,3,64]\ny: f32[4,28,28,64]\ny[n,p,q,k] += x[n,p+r,q+s,c] * w[k,r,s,c]");
    const TuningSpace space = tuning_space(pipeline, target);
    std::uint64_t state = 7;
    int found = 0;
    for (int i = 0; i < 20; ++i) {
        const Schedule wanted = space.schedule(space.sample(state));
        const NearestCandidate near = nearest_candidate(space, wanted);
        EXPECT_TRUE(space.legal(near.candidate));
        if (near.different > 0) continue;
        ++found;
        EXPECT_EQ(print(space.schedule(near.candidate)), print(wanted));
    }
    EXPECT_GE(found, 15);
}

TEST(NearestCandidate, IsTheOneWithMostDirectivesOfASchedule) {
    const Target target = Target::parse("host:avx512,threads=2");
    const TuningSpace space = tuning_space(parse_pipeline("x: f32[64,128,32]\ny[n,h,c] = x[n,h,c] * 2"), target);
    const Schedule preferred = space.schedule(space.preferred);
    EXPECT_EQ(nearest_candidate(space, preferred).candidate, space.preferred);
    EXPECT_EQ(nearest_candidate(space, preferred).different, 0);
    const NearestCandidate near =
        nearest_candidate(space, parse_schedule(print(preferred) + " unroll(a_loop_of_another_space, 3)"));
    EXPECT_EQ(near.different, 1);
    EXPECT_EQ(near.candidate, space.preferred);
}

}  // namespace
}  // namespace heddle
