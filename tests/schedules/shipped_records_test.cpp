// tests/schedules/shipped_records_test.cpp -- records that come with Heddle stand behind those of the database.
#include "schedules/shipped_records.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/lookup.h"
#include "schedules/record_json.h"
#include "tests/support/error_text.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

class ShippedRecordsTest : public testing::Test {
protected:
    TuningRecord record(const std::string& schedule, double seconds, const std::string& versions,
                        const char* text = "x: f32[32,8]\ny[n] += x[n,c]") const {
        return {TuningKey::of(parse_pipeline(text), target_),
                schedule,
                TrialStatus::measured,
                "",
                seconds,
                0,
                3,
                versions,
                1};
    }
    ShippedRecords shipped(const std::vector<TuningRecord>& records, const std::string& after = "") const {
        std::ofstream file(folder_.path() / "tuning.jsonl");
        for (const TuningRecord& each : records) file << record_line(each) << "\n";
        file << after;
        file.close();
        return ShippedRecords(folder_.path() / "tuning.jsonl");
    }
    std::string found(const ShippedRecords& shipped, const Database* database) const {
        const FoundSchedule match = find_schedule(database, shipped, pipeline_, target_, "codegen 2");
        return match.lookup.text() + " | " + print(match.schedule);
    }

    TemporaryFolder folder_;
    Database database_{folder_.path() / "tuning.db"};
    Pipeline pipeline_ = parse_pipeline("x: f32[32,8]\ny[n] += x[n,c]");
    Target target_ = Target::parse("host:avx2,threads=2");
    const std::string parallel = print(parse_schedule("y: parallel(n)")),
                      unrolled = print(parse_schedule("y: unroll(c, 4)"));
};

TEST_F(ShippedRecordsTest, AreFoundByTheirKeyAlone) {
    const ShippedRecords all =
        shipped({record("y: unroll(c, 2)", 1, "codegen 2", "x: f32[64,8]\ny[n] += x[n,c]"),
                 record("y: parallel(n)", 3, "codegen 2"), record("y: unroll(c, 4)", 2, "codegen 1")});
    EXPECT_EQ(all.size(), 3);
    const auto ranking = all.ranking(TuningKey::of(pipeline_, target_), "codegen 2");
    ASSERT_EQ(ranking.size(), 2U);
    EXPECT_EQ(ranking[0].schedule, "y: parallel(n)");
    EXPECT_EQ(ranking[1].schedule, "y: unroll(c, 4)");
    EXPECT_TRUE(all.ranking(TuningKey::of(pipeline_, Target::parse("host:avx2,threads=4")), "").empty());
    EXPECT_EQ(found(all, nullptr), "database (exact, shipped) | " + parallel);
    EXPECT_EQ(found({}, nullptr), "default | " + print(default_schedule(pipeline_, target_)));
}

TEST_F(ShippedRecordsTest, OneOfTheDatabaseIsPreferredToOneOfItsKind) {
    const ShippedRecords exact = shipped({record("y: parallel(n)", 1, "codegen 2")});
    database_.add(record("y: unroll(c, 4)", 9, "codegen 1"));
    EXPECT_EQ(found(exact, &database_), "database (exact, shipped) | " + parallel);
    const ShippedRecords stale = shipped({record("y: parallel(n)", 1, "codegen 0")});
    EXPECT_EQ(found(stale, &database_), "database (stale: codegen 1) | " + unrolled);
    EXPECT_EQ(found(stale, nullptr), "database (stale, shipped: codegen 0) | " + parallel);
    database_.add(record("y: unroll(c, 4)", 9, "codegen 2"));
    EXPECT_EQ(found(exact, &database_), "database (exact) | " + unrolled);
}

TEST_F(ShippedRecordsTest, WhatIsNotLegalIsPassedOverAndDamageIsSaid) {
    const ShippedRecords illegal = shipped({record("y: unroll(k, 4)", 1, "codegen 2")});
    EXPECT_TRUE(found(illegal, nullptr).starts_with("default | "));
    const std::string line = record_line(record("y: parallel(n)", 1, "codegen 2"));
    const ShippedRecords damaged = shipped({}, line.substr(0, line.size() - 9));
    expect_refusal([&] { found(damaged, nullptr); }, "tuning.jsonl, line 1: is not JSON");
    expect_refusal([&] { ShippedRecords(folder_.path() / "none.jsonl"); }, "cannot be read");
}

}  // namespace
}  // namespace heddle::test
