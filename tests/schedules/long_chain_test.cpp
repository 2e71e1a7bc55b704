// tests/schedules/long_chain_test.cpp -- many definitions, each read by the next: a default schedule in seconds.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/loop_nest.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {
namespace {

TEST(LongChain, HasADefaultScheduleThatInlinesAll) {
    constexpr int definitions = 64;
    std::string text = "x: f32[8]\nh0[i] = x[i] + 1.0\n";
    for (int k = 1; k < definitions; ++k)
        text += "h" + std::to_string(k) + "[i] = h" + std::to_string(k - 1) + "[i] * x[i]\n";
    const Pipeline pipeline = parse_pipeline(text);
    for (const char* target : {"host:avx2,threads=2", "cuda:sm_90"}) {
        const Schedule schedule = default_schedule(pipeline, Target::parse(target));
        int inlined = 0;
        for (const Directive& directive : schedule.directives()) inlined += directive.name == "compute_inline";
        EXPECT_EQ(inlined, definitions - 1) << target;
    }
}

}  // namespace
}  // namespace heddle
