// tests/schedules/cost_terms_test.cpp -- terms of several stages count by the time of each, where they are.
#include "schedules/cost_terms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "dsl/parse.h"
#include "schedules/estimate.h"

namespace heddle {
namespace {

std::map<std::string, double> by_name(const CostTerms& terms) { return {terms.values().begin(), terms.values().end()}; }

TEST(CostTerms, OfStagesCountByTheirTime) {
    CostTerms long_one, short_one;
    long_one.set("tile", 4);
    long_one.set_log("lanes", 15);
    short_one.set("tile", 8);
    short_one.set_ratio("live", 0, 4);
    const auto mean = by_name(mean_of({{long_one, 3e-3}, {short_one, 1e-3}}));
    EXPECT_DOUBLE_EQ(mean.at("tile"), 5);
    EXPECT_DOUBLE_EQ(mean.at("lanes"), 4);
    EXPECT_DOUBLE_EQ(mean.at("live"), -20);
    EXPECT_DOUBLE_EQ(mean.at("share_of_longest"), 0.75);
}

/// The same schedule of a larger problem has the same tile, and nothing in its terms grows with the size alone.
TEST(CostTerms, SayNothingOfTheSizeOfAProblem) {
    for (const char* target : {"host:avx512,threads=2", "cuda:sm_90"}) {
        const Target where = Target::parse(target);
        const bool host = where.kind == TargetKind::host;
        const Schedule schedule =
            parse_schedule(host ? "y: split(j, 16) vectorize(j.i) parallel(i)"
                                : "y: fuse({i, j}, e) split(e, 256) bind(e.o, block_x) bind(e.i, thread_x)");
        const auto terms = [&](const char* text) {
            const Estimate made = estimate(parse_pipeline(text), schedule, where);
            EXPECT_GT(made.seconds, 0);
            return by_name(made.terms);
        };
        const auto small = terms("x: f32[4096,4096]\ny[i,j] = x[i,j] * 2"),
                   large = terms("x: f32[16384,4096]\ny[i,j] = x[i,j] * 2");
        EXPECT_EQ(small.size(), large.size());
        EXPECT_GT(small.size(), 30U);
        for (const auto& [name, value] : small) {
            if (name == "blocks" || name == "waves" || name == "trips_a_thread") continue;
            EXPECT_NEAR(value, large.at(name), 0.3 + 0.1 * std::abs(value)) << target << " " << name;
        }
    }
}

}  // namespace
}  // namespace heddle
