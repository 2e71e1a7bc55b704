// tests/schedules/database_test.cpp -- records go into the database and come back; the best of a key is found.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/record.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

TuningRecord record(const std::string& schedule, double seconds, TrialStatus status = TrialStatus::measured,
                    const std::string& versions = "codegen 1") {
    return {{"t0: f32[4]", "host:avx512"},
            schedule,
            status,
            status == TrialStatus::measured ? "" : "why",
            seconds,
            seconds / 10,
            12,
            versions,
            1700000000};
}

class DatabaseTest : public testing::Test {
protected:
    test::TemporaryFolder folder_;
    Database database_{folder_.path() / "deeper" / "tuning.db"};
    TuningKey key_ = record("", 0).key;
};

TEST_F(DatabaseTest, RecordsComeBackInOrderWithEveryField) {
    database_.add(record("y.0: parallel(n)", 2e-3));
    database_.add(record("y.0: unroll('k', \"x\")", 0, TrialStatus::illegal));
    const std::vector<TuningRecord> all = database_.all(key_);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].key, key_);
    EXPECT_EQ(all[0].schedule, "y.0: parallel(n)");
    EXPECT_EQ(all[0].seconds, 2e-3);
    EXPECT_EQ(all[0].spread, 2e-4);
    EXPECT_EQ(all[0].repetitions, 12);
    EXPECT_EQ(all[0].versions, "codegen 1");
    EXPECT_EQ(all[0].time, 1700000000);
    EXPECT_EQ(all[1].status, TrialStatus::illegal);
    EXPECT_EQ(all[1].reason, "why");
    EXPECT_EQ(database_.size(), 2);
}

TEST_F(DatabaseTest, BestIsTheFastestThatWasMeasured) {
    EXPECT_FALSE(database_.best(key_, "codegen 1"));
    database_.add(record("a", 3));
    database_.add(record("b", 2));
    database_.add(record("c", 1, TrialStatus::wrong));
    EXPECT_EQ(database_.best(key_, "codegen 1")->schedule, "b");
    EXPECT_FALSE(database_.best({"another", key_.target}, "codegen 1"));
    EXPECT_FALSE(database_.best({key_.pipeline, "host:sse"}, "codegen 1"));
}

TEST_F(DatabaseTest, ALaterTrialOfAScheduleReplacesTheOneBefore) {
    database_.add(record("lucky", 1));
    database_.add(record("steady", 2));
    database_.add(record("lucky", 3));
    EXPECT_EQ(database_.best(key_, "codegen 1")->schedule, "steady");
    database_.add(record("steady", 0, TrialStatus::failed));
    EXPECT_EQ(database_.best(key_, "codegen 1")->seconds, 3);
}

TEST_F(DatabaseTest, CurrentVersionsComeBeforeFasterStaleOnes) {
    database_.add(record("old", 1, TrialStatus::measured, "codegen 0"));
    EXPECT_EQ(database_.best(key_, "codegen 1")->versions, "codegen 0");
    database_.add(record("new", 2));
    EXPECT_EQ(database_.best(key_, "codegen 1")->schedule, "new");
    EXPECT_EQ(database_.best(key_, "codegen 2")->schedule, "old");
}

TEST_F(DatabaseTest, StaysAfterItIsClosed) {
    {
        Database moved = std::move(database_);
        moved.add(record("a", 1));
    }
    Database again(folder_.path() / "deeper" / "tuning.db");
    EXPECT_EQ(again.size(), 1);
    EXPECT_EQ(again.best(key_, "")->schedule, "a");
}

TEST(TuningKeyTest, DoesNotDependOnNamesButOnSizesAndTargets) {
    const Target target = Target::parse("host:avx512,threads=2");
    const TuningKey a = TuningKey::of(parse_pipeline("x: f32[4,5]\ny[n] += x[n,c]"), target);
    EXPECT_EQ(a, TuningKey::of(parse_pipeline("u: f32[4,5]\nv[i] += u[i,j]"), target));
    EXPECT_NE(a, TuningKey::of(parse_pipeline("x: f32[4,6]\ny[n] += x[n,c]"), target));
    EXPECT_NE(a, TuningKey::of(parse_pipeline("x: f32[4,5]\ny[n] += x[n,c]"), Target::parse("host:avx2,threads=2")));
    EXPECT_NE(a, TuningKey::of(parse_pipeline("x: f32[4,5]\ny[n] += x[n,c]"), Target::parse("host:avx512,threads=4")));
}

TEST(StandardPathTest, FollowsTheEnvironment) {
    setenv("XDG_DATA_HOME", "/data", 1);
    unsetenv("HEDDLE_DB");
    EXPECT_EQ(Database::standard_path(), "/data/heddle/tuning.db");
    setenv("HEDDLE_DB", "/elsewhere/my.db", 1);
    EXPECT_EQ(Database::standard_path(), "/elsewhere/my.db");
    unsetenv("HEDDLE_DB");
    unsetenv("XDG_DATA_HOME");
}

}  // namespace
}  // namespace heddle
