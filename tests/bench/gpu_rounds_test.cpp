// tests/bench/gpu_rounds_test.cpp -- calls in turns, the caches flushed before each, slow ones in fewer rounds.
#include "bench/gpu_rounds.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace heddle::bench {
namespace {

/// A clock whose calls last as long as they say, in a log of what happens.
class FakeClock : public RoundClock {
public:
    std::string log;
    double now = 0;

    void flush() override { log += '.'; }
    void start(std::size_t slot) override { times_.resize(std::max(times_.size(), slot + 1)), times_[slot] = -now; }
    void stop(std::size_t slot) override { times_[slot] += now; }
    void wait() override { log += ' '; }
    double seconds(std::size_t slot) const override { return times_[slot]; }

    GpuContestant contestant(char name, double seconds) {
        return {std::string(1, name), [this, name, seconds] {
                    log += name;
                    now += seconds;
                }};
    }

private:
    std::vector<double> times_;
};

TEST(device_rounds, take_turns_after_two_calls_to_warm_up) {
    FakeClock clock;
    std::vector<GpuContestant> contestants{clock.contestant('a', 1e-3), clock.contestant('b', 2e-3)};
    run_gpu_rounds(contestants, clock, {.least = 3, .most = 3, .seconds = 1});
    EXPECT_EQ(clock.log, ".a .a .b .b .a.b .a.b .a.b ");
    ASSERT_EQ(contestants[1].seconds.size(), 3u);
    EXPECT_NEAR(contestants[1].seconds[0], 2e-3, 1e-12);
}

TEST(device_rounds, call_a_slow_one_in_some_rounds_only) {
    FakeClock clock;
    std::vector<GpuContestant> contestants{clock.contestant('a', 1e-3), clock.contestant('s', 10)};
    run_gpu_rounds(contestants, clock, {.least = 10, .most = 10, .seconds = 1, .precision = 0});
    EXPECT_EQ(std::count(clock.log.begin(), clock.log.end(), 's'), 1 + 2);  // one to warm up
    EXPECT_EQ(contestants[0].seconds.size(), 10u);
    EXPECT_EQ(contestants[1].seconds.size(), 2u);
}

TEST(device_rounds, end_when_the_medians_are_known) {
    FakeClock clock;
    std::vector<GpuContestant> steady{clock.contestant('a', 1e-3)};
    run_gpu_rounds(steady, clock, {.least = 5, .most = 100, .seconds = 10});
    EXPECT_EQ(steady[0].seconds.size(), 5u);
    int turn = 0;
    std::vector<GpuContestant> restless{{"r", [&] { clock.now += ++turn % 2 ? 1e-3 : 3e-3; }}};
    run_gpu_rounds(restless, clock, {.least = 5, .most = 40, .seconds = 10});
    EXPECT_EQ(restless[0].seconds.size(), 40u);
}

TEST(device_rounds, spread_turns_evenly) {
    int turns = 0;
    for (int round = 0; round < 10; ++round) turns += takes_part(round, 10, 4);
    EXPECT_EQ(turns, 4);
    EXPECT_TRUE(takes_part(9, 10, 1));
    EXPECT_TRUE(takes_part(0, 10, 10));
}

}  // namespace
}  // namespace heddle::bench
