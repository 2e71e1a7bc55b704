// tests/schedules/database_upkeep_test.cpp -- keys are listed, databases merged, pruned and verified.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "schedules/record.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

TuningRecord record(const std::string& schedule, double seconds, TrialStatus status = TrialStatus::measured,
                    const std::string& versions = "v2", std::int64_t time = 100) {
    return {{"t0: f32[4]", "host"}, schedule, status, "", seconds, 0, 5, versions, time};
}

class DatabaseUpkeepTest : public testing::Test {
protected:
    test::TemporaryFolder folder_;
    Database database_{folder_.path() / "tuning.db"};
    TuningKey key_ = record("", 0).key;
    std::vector<std::string> schedules() const {
        std::vector<std::string> texts;
        for (const TuningRecord& one : database_.all(key_)) texts.push_back(one.schedule);
        return texts;
    }
};

using Texts = std::vector<std::string>;

TEST_F(DatabaseUpkeepTest, KeysAreCounted) {
    EXPECT_TRUE(database_.keys().empty());
    database_.add(record("a", 1, TrialStatus::measured, "v2", 50));
    database_.add(record("b", 0, TrialStatus::wrong, "v2", 70));
    TuningRecord other = record("c", 1);
    other.key.target = "cuda:sm_90";
    database_.add(other);
    const std::vector<KeySummary> keys = database_.keys();
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0].key, key_);
    EXPECT_EQ(keys[0].trials, 2);
    EXPECT_EQ(keys[0].failures, 1);
    EXPECT_EQ(keys[0].first_time, 50);
    EXPECT_EQ(keys[0].last_time, 70);
    EXPECT_EQ(keys[1].key.target, "cuda:sm_90");
}

TEST_F(DatabaseUpkeepTest, AMergeAddsWhatIsNew) {
    database_.add(record("a", 1));
    EXPECT_EQ(database_.merge({record("a", 1), record("a", 2), record("b", 1), record("b", 1)}), 2);
    EXPECT_EQ(schedules(), (Texts{"a", "a", "b"}));
    EXPECT_EQ(database_.merge({record("b", 1), record("a", 1), record("a", 2)}), 0);
}

TEST_F(DatabaseUpkeepTest, PruningFailuresRevivesNothing) {
    database_.add(record("lucky", 1));
    database_.add(record("lucky", 0, TrialStatus::wrong));
    database_.add(record("steady", 2, TrialStatus::failed));
    database_.add(record("steady", 2));
    PruneRule rule;
    rule.failures = true;
    EXPECT_EQ(database_.prune(rule), 2);
    EXPECT_EQ(schedules(), (Texts{"steady", "steady"}));
    EXPECT_EQ(database_.best(key_, "v2")->schedule, "steady");
}

TEST_F(DatabaseUpkeepTest, TheFastestOfEveryProvenanceStay) {
    for (const int i : {3, 1, 2, 4}) database_.add(record("s" + std::to_string(i), i));
    database_.add(record("s1", 1.5));
    database_.add(record("old", 9, TrialStatus::measured, "v1"));
    database_.add(record("older", 10, TrialStatus::measured, "v1"));
    PruneRule rule;
    rule.slower = true;
    rule.keep = 2;
    EXPECT_EQ(database_.prune(rule), 3);
    EXPECT_EQ(schedules(), (Texts{"s2", "s1", "old", "older"}));
    EXPECT_EQ(database_.prune(rule), 0);
}

TEST_F(DatabaseUpkeepTest, OnlyWhatIsOldGoes) {
    database_.add(record("a", 1, TrialStatus::failed, "v2", 10));
    database_.add(record("b", 1, TrialStatus::failed, "v2", 20));
    PruneRule rule;
    rule.failures = true;
    rule.before = 15;
    EXPECT_EQ(database_.prune(rule), 1);
    EXPECT_EQ(schedules(), (Texts{"b"}));
    rule.before.reset();
    EXPECT_EQ(database_.prune(rule), 1);
    EXPECT_TRUE(database_.keys().empty());
}

TEST_F(DatabaseUpkeepTest, RowsThatNoHeddleWritesAreFound) {
    database_.add(record("a", 1));
    EXPECT_TRUE(database_.problems().empty());
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open((folder_.path() / "tuning.db").c_str(), &handle), SQLITE_OK);
    sqlite3_exec(handle,
                 "UPDATE trials SET seconds = -1; INSERT INTO trials SELECT 7, 99, 'b', 'lost', '', 0, 0, 0, '', 0",
                 nullptr, nullptr, nullptr);
    sqlite3_close(handle);
    const std::vector<std::string> problems = database_.problems();
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0], "trial 1 is no record: 'measured', -1 s");
    EXPECT_EQ(problems[1], "trial 7 is no record: 'lost', 0 s");
}

}  // namespace
}  // namespace heddle
