// tests/schedules/lookup_test.cpp -- a lookup says whether a record is exact or stale, and passes over illegal ones.
#include "schedules/lookup.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

class LookupTest : public testing::Test {
protected:
    test::TemporaryFolder folder_;
    Database database_{folder_.path() / "tuning.db"};
    Pipeline pipeline_ = parse_pipeline("x: f32[32,8]\ny[n] += x[n,c]");
    Target target_ = Target::parse("host:avx2,threads=2");

    void add(const std::string& schedule, double seconds, const std::string& versions,
             TrialStatus status = TrialStatus::measured) {
        database_.add({TuningKey::of(pipeline_, target_), schedule, status, "", seconds, 0, 3, versions, 1});
    }
    FoundSchedule find() const { return find_schedule(database_, pipeline_, target_, "codegen 2"); }
};

TEST_F(LookupTest, NothingRecordedIsTheDefault) {
    add("y: parallel(n)", 1, "codegen 2", TrialStatus::failed);
    const FoundSchedule found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::default_);
    EXPECT_FALSE(found.lookup.record);
    EXPECT_EQ(found.lookup.text(), "default");
    EXPECT_EQ(found.schedule, default_schedule(pipeline_, target_));
}

TEST_F(LookupTest, ARecordOfTheseVersionsIsExactEvenWhereAStaleOneIsFaster) {
    add("y: parallel(n)", 1, "codegen 1");
    add("y: unroll(c, 4)", 2, "codegen 2");
    const FoundSchedule found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::exact);
    EXPECT_EQ(print(found.schedule), print(parse_schedule("y: unroll(c, 4)")));
    EXPECT_EQ(found.lookup.text(), "database (exact)");
}

TEST_F(LookupTest, ARecordOfOtherVersionsIsStale) {
    add("y: parallel(n)", 1, "codegen 1, LLVM 18");
    const FoundSchedule found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::stale);
    EXPECT_EQ(found.lookup.text(), "database (stale: codegen 1, LLVM 18)");
    EXPECT_EQ(found.refused, "");
}

TEST_F(LookupTest, RecordsThatAreNotLegalArePassedOver) {
    add("y: unroll(k, 4)", 1, "codegen 2");
    add("y: a_directive_of_tomorrow(n)", 2, "codegen 2");
    add("y: parallel(n)", 3, "codegen 1");
    const FoundSchedule found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::stale);
    EXPECT_EQ(found.lookup.record->seconds, 3);
    EXPECT_NE(found.refused.find("there is no loop 'k'"), std::string::npos) << found.refused;
}

TEST_F(LookupTest, ARecordOfTheSameDefinitionWithOtherNamesIsTakenByTheNamesOfHere) {
    database_.add({TuningKey::of(pipeline_, target_), "y: parallel(n) unroll(c, 4)", TrialStatus::measured, "", 1, 0, 3,
                   "codegen 2", 1, print(pipeline_)});
    pipeline_ = parse_pipeline("image: f32[32,8]\ntotal[row] += image[row,column]");
    FoundSchedule found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::exact);
    EXPECT_EQ(print(found.schedule), print(parse_schedule("total: parallel(row) unroll(column, 4)")));
    EXPECT_EQ(found.refused, "");
    pipeline_ = parse_pipeline("image: f32[64,8]\ntotal[row] += image[row,column]");
    found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::nearest);
    EXPECT_EQ(print(found.schedule), print(parse_schedule("total: parallel(row) unroll(column, 4)")));
}

TEST_F(LookupTest, ARecordWithOtherNamesThatDoesNotSayWhoseTheyAreIsPassedOver) {
    add("y: parallel(n)", 1, "codegen 2");
    pipeline_ = parse_pipeline("x: f32[32,8]\ny[row] += x[row,c]");
    const FoundSchedule found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::default_);
    EXPECT_NE(found.refused.find("there is no loop 'n'"), std::string::npos) << found.refused;
}

TEST_F(LookupTest, TheNearestShapeThatIsLegalStandsIn) {
    add("y: split(n, 8) vectorize(n.i)", 1, "codegen 2");
    pipeline_ = parse_pipeline("x: f32[128,8]\ny[n] += x[n,c]");
    add("y: parallel(n)", 1, "codegen 1");
    pipeline_ = parse_pipeline("x: f32[64,8]\ny[n] += x[n,c]");
    const FoundSchedule found = find();
    EXPECT_EQ(found.lookup.how, MatchKind::nearest);
    EXPECT_EQ(found.lookup.distance, 1);
    EXPECT_EQ(found.lookup.text(), "database (nearest shape, distance 1.00)");
    EXPECT_EQ(found.refused, "");
}

TEST_F(LookupTest, FarShapesOtherDefinitionsAndOtherTargetsDoNot) {
    add("y: parallel(n)", 1, "codegen 2");
    const Pipeline near = pipeline_ = parse_pipeline("x: f32[64,8]\ny[n] += x[n,c]");
    EXPECT_EQ(find().lookup.how, MatchKind::nearest);
    pipeline_ = parse_pipeline("x: f32[32000,8]\ny[n] += x[n,c]");
    EXPECT_EQ(find().lookup.how, MatchKind::default_);
    pipeline_ = parse_pipeline("x: f32[32,8]\ny[n] += x[n,c] * 2");
    EXPECT_EQ(find().lookup.how, MatchKind::default_);
    pipeline_ = near;
    target_ = Target::parse("host:avx2,threads=4");
    EXPECT_EQ(find().lookup.how, MatchKind::default_);
}

}  // namespace
}  // namespace heddle
