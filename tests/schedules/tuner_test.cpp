// tests/schedules/tuner_test.cpp -- the search with a measure that is made up.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <thread>

#include "dsl/parse.h"
#include "runtime/error.h"
#include "schedules/tuner.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

class TunerTest : public testing::Test {
protected:
    Pipeline pipeline_ = parse_pipeline(
        "x: f32[4,28,28,64]\nw: f32[64,3,3,64]\ny: f32[4,28,28,64]\n"
        "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]");
    Target target_ = Target::parse("host:avx512,threads=2");
    TuningSpace space_ = tuning_space(pipeline_, target_);
    TuningOptions options_;
    std::vector<std::string> measured_;

    TunerTest() {
        options_.trials = 60;
        options_.search = "random";
        options_.versions = "codegen 1";
    }
    /// Schedules with "split(q, 14)" are fast, those that stream slow.
    static double cost(const std::string& schedule) {
        const double tile = schedule.find("split(q, 14)") != std::string::npos ? 1 : 2;
        return tile + (schedule.find("streaming") != std::string::npos ? 1 : 0) + 1e-3 * (schedule.size() % 100);
    }
    Measure measure() {
        return measure_each([this](const Schedule& schedule, double) {
            measured_.push_back(print(schedule));
            return Measurement{TrialStatus::measured, "", cost(measured_.back()), 0.01, 3};
        });
    }
    TuningResult run(Database* database = nullptr) {
        return tune(pipeline_, target_, space_, measure(), options_, database);
    }
};

TEST_F(TunerTest, TriesTheDefaultFirstAndRepeatsNothingBeforeTheFinals) {
    const TuningResult result = run();
    EXPECT_EQ(result.trials, 60);
    EXPECT_EQ(result.failures, 0);
    EXPECT_EQ(measured_[0], print(default_schedule(pipeline_, target_)));
    EXPECT_EQ(std::set<std::string>(measured_.begin(), measured_.begin() + 60).size(), 60u);
    EXPECT_GT(measured_.size(), 60u);
}

TEST_F(TunerTest, FindsTheFastest) {
    const TuningResult result = run();
    double least = 1e9;
    for (const std::string& schedule : measured_) least = std::min(least, cost(schedule));
    ASSERT_TRUE(result.best);
    EXPECT_EQ(result.best->seconds, least);
    EXPECT_LT(least, 1.5);
}

TEST_F(TunerTest, TheSameSeedSearchesTheSame) {
    run();
    const std::vector<std::string> first = std::exchange(measured_, {});
    run();
    EXPECT_EQ(measured_, first);
    options_.seed = 2;
    measured_.clear();
    run();
    EXPECT_NE(measured_, first);
}

TEST_F(TunerTest, FinalsCorrectALuckyMeasurement) {
    std::map<std::string, int> times;
    const TuningResult result = tune(pipeline_, target_, space_, measure_each([&](const Schedule& schedule, double) {
                                         const std::string text = print(schedule);
                                         const bool lucky =
                                             times[text]++ == 0 && text == print(space_.schedule(space_.preferred));
                                         return Measurement{TrialStatus::measured, "", lucky ? 1e-3 : cost(text), 0, 1};
                                     }),
                                     options_, nullptr);
    EXPECT_GT(result.best->seconds, 0.5);
}

TEST_F(TunerTest, FinalsThatTimeCutsShortCount) {
    std::map<std::string, int> times;
    options_.trials = 0;
    options_.seconds = 1;
    const TuningResult result = tune(pipeline_, target_, space_, measure_each([&](const Schedule& schedule, double) {
                                         std::this_thread::sleep_for(std::chrono::milliseconds(25));
                                         const std::string text = print(schedule);
                                         const double seconds = times[text]++ == 0 ? 1e-3 : cost(text);
                                         return Measurement{TrialStatus::measured, "", seconds, 0, 1};
                                     }),
                                     options_, nullptr);
    EXPECT_GT(result.best->seconds, 0.5);
    EXPECT_LT(result.seconds, 2);
}

TEST_F(TunerTest, TheWinnerIsOneThatWasMeasuredAgain) {
    std::map<std::string, int> times;
    const TuningResult result = tune(pipeline_, target_, space_, measure_each([&](const Schedule& schedule, double) {
                                         const std::string text = print(schedule);
                                         const double seconds = times[text]++ == 0 ? 1e-3 : cost(text);
                                         return Measurement{TrialStatus::measured, "", seconds, 0, 1};
                                     }),
                                     options_, nullptr);
    EXPECT_GT(result.best->seconds, 0.5);
    EXPECT_GT(times[result.best->schedule], 1);
}

TEST_F(TunerTest, ADefaultThatWasUnluckyIsInTheFinals) {
    const std::string by_default = print(space_.schedule(space_.preferred));
    std::map<std::string, int> times;
    const TuningResult result =
        tune(pipeline_, target_, space_, measure_each([&](const Schedule& schedule, double) {
                 const std::string text = print(schedule);
                 const double fast = times[text]++ == 0 ? 9 : 0.5;
                 return Measurement{TrialStatus::measured, "", text == by_default ? fast : cost(text), 0, 1};
             }),
             options_, nullptr);
    EXPECT_EQ(result.best->schedule, by_default);
    EXPECT_EQ(result.best->seconds, 0.5);
}

TEST_F(TunerTest, FailuresAreCountedAndNeverWin) {
    const TuningResult result = tune(pipeline_, target_, space_, measure_each([&](const Schedule& schedule, double) {
                                         if (print(schedule).find("split(q, 14)") != std::string::npos)
                                             return Measurement{TrialStatus::wrong, "element [0] is 1, not 2", 0, 0, 0};
                                         return Measurement{TrialStatus::measured, "", 2, 0, 1};
                                     }),
                                     options_, nullptr);
    EXPECT_GT(result.failures, 0);
    EXPECT_EQ(result.best->seconds, 2);
    options_.trials = 1;
    const Measure fails = measure_each([](const Schedule&, double) {
        return Measurement{TrialStatus::failed, "crashed", 0, 0, 0};
    });
    EXPECT_FALSE(tune(pipeline_, target_, space_, fails, options_, nullptr).best);
}

TEST_F(TunerTest, EachTrialIsARowAndKnownOnesAreNotTriedAgain) {
    test::TemporaryFolder folder;
    Database database(folder.path() / "tuning.db");
    std::int64_t rows = 0;
    options_.progress = [&](const TuningProgress& now) {
        EXPECT_EQ(database.size(), ++rows);
        EXPECT_EQ(now.trials, rows);
        EXPECT_LE(now.best, now.last.seconds);
    };
    const TuningResult first = run(&database);
    options_.progress = nullptr;
    const std::set<std::string> before(measured_.begin(), measured_.end());
    measured_.clear();
    options_.resume = true;
    const TuningResult second = run(&database);
    EXPECT_GE(second.known, 60);
    EXPECT_EQ(second.trials, 60);
    for (int i = 0; i < 60; ++i) EXPECT_EQ(before.count(measured_[i]), 0u);
    EXPECT_LE(database.best(TuningKey::of(pipeline_, target_), "codegen 1")->seconds, first.best->seconds);
}

TEST_F(TunerTest, WithoutResumeTheBestKnownAreMeasuredAgainFirst) {
    test::TemporaryFolder folder;
    Database database(folder.path() / "tuning.db");
    const TuningResult first = run(&database);
    measured_.clear();
    const TuningResult second = run(&database);
    EXPECT_EQ(second.known, 0);
    EXPECT_EQ(cost(measured_[1]), first.best->seconds);
}

TEST_F(TunerTest, RecordsOfOtherVersionsAreMeasuredAgainFirst) {
    test::TemporaryFolder folder;
    Database database(folder.path() / "tuning.db");
    const TuningResult first = run(&database);
    options_.versions = "codegen 2";
    measured_.clear();
    run(&database);
    EXPECT_EQ(cost(measured_[1]), first.best->seconds);
}

TEST_F(TunerTest, StopsWhenInterruptedOrOutOfTime) {
    int polls = 0;
    options_.interrupted = [&] { return ++polls == 5; };
    const TuningResult result = run();
    EXPECT_TRUE(result.interrupted);
    EXPECT_LE(result.trials, 5);
    EXPECT_EQ(measured_.size(), static_cast<std::size_t>(result.trials));
    EXPECT_TRUE(result.best);

    options_.interrupted = nullptr;
    options_.seconds = 1e-9;
    EXPECT_EQ(run().trials, 1);
}

TEST_F(TunerTest, NoBudgetAndNoChoicesAreRefused) {
    const auto refusal = [&] {
        try {
            run();
        } catch (const UserError& error) {
            return error.message();
        }
        return std::string("none");
    };
    options_.seconds = 0;
    EXPECT_EQ(refusal(), "tuning for 0 s finds nothing: give it time, as 20 s");
    options_.seconds = 20;
    options_.trials = -1;
    EXPECT_EQ(refusal(), "tuning with -1 trials finds nothing: give it 1 or more");
    options_.trials = 1;
    space_.knobs.clear();
    space_.preferred.clear();
    EXPECT_EQ(refusal(),
              "there is nothing to choose for y on " + target_.text() + ": its tuning space has one schedule");
}

TEST_F(TunerTest, EndsWhenTheSpaceIsExhausted) {
    pipeline_ = parse_pipeline("x: f32[30]\ny: f32[30,30]\ny[i,i] = x[i]");
    space_ = tuning_space(pipeline_, target_);
    options_.trials = 0;
    const TuningResult result = run();
    EXPECT_LE(result.trials, space_.size());
    EXPECT_TRUE(result.exhausted);
}

}  // namespace
}  // namespace heddle
