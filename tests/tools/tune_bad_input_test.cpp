// tests/tools/tune_bad_input_test.cpp -- what can be wrong around a search is said, and no database is lost by it.
#include "codegen/provenance.h"
#include "dsl/print.h"
#include "schedules/record.h"
#include "tests/tools/run_command.h"
#include "tools/problem.h"

namespace heddle::test {
namespace {

class TuneBadInput : public CommandFixture {
protected:
    const std::string problem_ = "linear x=f32:16x64 w=f32:32x64";
    std::filesystem::path file() const { return folder() / "tuning.db"; }
    TuningRecord record(const std::string& schedule, double seconds, const std::string& versions) const {
        const tools::Problem problem = tools::make_problem({"linear", "x=f32:16x64", "w=f32:32x64"});
        return {TuningKey::of(problem.pipeline, Target::host()),
                schedule,
                TrialStatus::measured,
                "",
                seconds,
                0,
                3,
                versions,
                1,
                print(problem.pipeline)};
    }
};

TEST_F(TuneBadInput, a_place_that_cannot_be_written_is_refused_before_the_search_and_other_commands_go_on) {
    const CommandResult tuned = heddle("tune " + problem_ + " --trials 1", "HEDDLE_DB=/proc/heddle.db");
    EXPECT_EQ(tuned.status, 2);
    expect_contains(tuned.errors, "the tuning database /proc/heddle.db cannot be opened");
    const CommandResult run = heddle("run " + problem_ + " --time 1ms", "HEDDLE_DB=/proc/heddle.db");
    EXPECT_EQ(run.status, 0) << run.errors;
}

TEST_F(TuneBadInput, a_full_disk_ends_the_search_and_loses_nothing) {
    // A file may have so many kilobytes: writes past it fail, as on a full disk.
    const CommandResult tuned = heddle("tune " + problem_ + " --trials 400 --search random",
                                       "bash -c 'ulimit -f 200; trap \"\" XFSZ; exec \"$0\" \"$@\"'");
    EXPECT_EQ(tuned.status, 2) << tuned.output;
    expect_contains(tuned.errors, "tuning.db cannot be written");
    expect_contains(tuned.errors, "everything recorded before is kept");
    const Database database(file());
    EXPECT_GT(database.size(), 1);
    EXPECT_TRUE(database.problems().empty());
    EXPECT_EQ(heddle("db verify").status, 0);
}

TEST_F(TuneBadInput, records_of_other_versions_are_measured_again_and_what_cannot_be_read_is_passed_over) {
    {
        Database database(file());
        database.add(record("y: a_directive_of_tomorrow(n)", 1e-9, "codegen 9999"));
        database.add(record("y: unroll(c, 2)", 2e-9, "codegen 0"));
    }
    const CommandResult tuned = heddle("tune " + problem_ + " --trials 2 --json");
    ASSERT_EQ(tuned.status, 0) << tuned.errors;
    const Database database(file());
    const std::string versions = provenance(Target::host());
    int again = 0;
    for (const TuningRecord& trial : database.all(record("", 0, "").key)) {
        if (trial.versions != versions) continue;
        again += trial.schedule == "y: unroll(c, 2)";
        EXPECT_EQ(trial.schedule.find("a_directive_of_tomorrow"), std::string::npos);
    }
    EXPECT_GE(again, 1);
    EXPECT_GE(database.size(), 4);
    EXPECT_EQ(heddle("run " + problem_ + " --time 1ms").status, 0);
}

TEST_F(TuneBadInput, a_malformed_definition_is_pointed_at_and_records_nothing) {
    const CommandResult tuned = heddle("tune -e 'y[n] += x[n' x=f32:8 --trials 1");
    EXPECT_EQ(tuned.status, 2);
    expect_contains(tuned.errors, "y[n] += x[n\n");
    expect_contains(tuned.errors, "^");
    EXPECT_FALSE(std::filesystem::exists(file()) && Database(file()).size() > 0);
}

TEST_F(TuneBadInput, a_plugin_that_crashes_or_is_none_leaves_the_database_as_it_was) {
    { Database(file()).add(record("y: parallel(n)", 1, "codegen 0")); }
    const std::string load = " --trials 1 --load " HEDDLE_TEST_PLUGINS "/lib";
    expect_refusal("tune twice x=f32:8" + load + "crashes.so", "crashes as it is loaded: Aborted");
    expect_refusal("tune twice x=f32:8" + load + "nowhere.so", "cannot be found");
    const Database database(file());
    EXPECT_EQ(database.size(), 1);
    EXPECT_TRUE(database.problems().empty());
}

}  // namespace
}  // namespace heddle::test
