// tests/tools/knob_importance_test.cpp -- the knob that decides the time is found, and chance is not taken for one.
#include "tools/knob_importance.h"

#include <gtest/gtest.h>

namespace heddle::tools {
namespace {

TuningRecord trial(int split, int unroll, bool parallel, double seconds) {
    return {{"t0: f32[4]", "host"},
            "y.0: split(n, " + std::to_string(split) + ") unroll(c, " + std::to_string(unroll) + ")" +
                (parallel ? " parallel(n.o)" : ""),
            TrialStatus::measured,
            "",
            seconds,
            0,
            1,
            "v",
            1};
}

TEST(knob_importance, the_factor_that_doubles_the_time_comes_first) {
    std::vector<TuningRecord> trials;
    for (const int split : {4, 8, 16})
        for (const int unroll : {1, 2, 4})
            for (const bool parallel : {false, true})
                trials.push_back(trial(split, unroll, parallel, (parallel ? 1e-4 : 2e-4) * (1 + 0.01 * split)));
    const std::vector<KnobImportance> knobs = knob_importance(trials);
    ASSERT_EQ(knobs.size(), 3u);
    EXPECT_EQ(knobs[0].knob, "y.0 parallel(n.o)");
    EXPECT_EQ(knobs[0].best, "used");
    EXPECT_EQ(knobs[0].values, 2);
    EXPECT_GT(knobs[0].share, 0.95);
    EXPECT_EQ(knobs[1].knob, "y.0 split(n)");
    EXPECT_EQ(knobs[1].best, "4");
    EXPECT_LT(knobs[1].share, 0.05);
    EXPECT_EQ(knobs[2].share, 0);
}

TEST(knob_importance, a_value_a_trial_explains_nothing) {
    std::vector<TuningRecord> trials;
    for (int i = 1; i < 20; ++i) trials.push_back(trial(i, 1, false, i * 7 % 19 * 1e-5 + 1e-5));
    EXPECT_TRUE(knob_importance(trials).empty());
    EXPECT_TRUE(knob_importance({}).empty());
    trials[0].status = TrialStatus::failed;
    trials[1].schedule = "words of (another version";
    EXPECT_TRUE(knob_importance(trials).empty());
}

}  // namespace
}  // namespace heddle::tools
