// tests/schedules/database_clock_test.cpp -- a clock that goes backwards does not change which trial was the last.
#include <gtest/gtest.h>

#include "schedules/record.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

TuningRecord record(const std::string& schedule, double seconds, std::int64_t time) {
    return {{"t0: f32[4]", "host"}, schedule, TrialStatus::measured, "", seconds, 0, 1, "v", time};
}

TEST(DatabaseClockTest, TheLastTrialIsTheOneRecordedLast) {
    const test::TemporaryFolder folder;
    Database database(folder.path() / "tuning.db");
    database.add(record("a", 1.0, 2000));
    database.add(record("b", 2.0, 1500));
    database.add(record("a", 3.0, 1000));  // measured again: it is slower than it was taken for
    const std::vector<TuningRecord> ranking = database.ranking(record("a", 0, 0).key, "v");
    ASSERT_EQ(ranking.size(), 2u);
    EXPECT_EQ(ranking[0].schedule, "b");
    EXPECT_EQ(ranking[1].seconds, 3.0);
    EXPECT_EQ(database.best(record("a", 0, 0).key, "v")->schedule, "b");
    const std::vector<TuningRecord> all = database.all(record("a", 0, 0).key);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[2].time, 1000);
}

TEST(DatabaseClockTest, TimesBeforeTheEpochAndFarAheadAreKept) {
    const test::TemporaryFolder folder;
    Database database(folder.path() / "tuning.db");
    for (const std::int64_t time : {std::int64_t{-1}, std::int64_t{0}, INT64_MAX, INT64_MIN})
        database.add(record("a", 1.0, time));
    EXPECT_EQ(database.size(), 4);
    const KeySummary summary = database.keys()[0];
    EXPECT_EQ(summary.first_time, INT64_MIN);
    EXPECT_EQ(summary.last_time, INT64_MAX);
    EXPECT_TRUE(database.problems().empty());
}

}  // namespace
}  // namespace heddle
