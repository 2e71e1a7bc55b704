// tests/tools/command_tune_test.cpp -- tuning records what it finds, ends cleanly on Ctrl-C, and refuses bad databases.
#include <nlohmann/json.hpp>

#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

using CommandTune = CommandFixture;
const std::string problem = "conv2d x=f32:nhwc:1x12x12x16 w=f32:krsc:16x3x3x16 padding=1";

TEST_F(CommandTune, its_best_schedule_is_used_afterwards) {
    const CommandResult tuned = heddle("tune " + problem + " --trials 4 --json");
    ASSERT_EQ(tuned.status, 0) << tuned.errors;
    const auto result = nlohmann::json::parse(tuned.output);
    EXPECT_GE(result["trials"], 1);
    const auto run = nlohmann::json::parse(heddle("run " + problem + " --json --time 1ms").output);
    EXPECT_EQ(run["schedule"], result["best_schedule"]);
    EXPECT_EQ(run["schedule_source"], "database (exact)");
}

TEST_F(CommandTune, an_interrupt_ends_it_with_130_and_keeps_the_records) {
    const std::string interrupted = "timeout --preserve-status -s INT 10 ";
    const std::string line = "cd " + folder().string() + " && HEDDLE_CACHE= HEDDLE_DB=tuning.db " + interrupted +
                             HEDDLE_COMMAND + " tune " + problem + " --time 60s --json >output 2>errors";
    const int status = std::system(line.c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 130);
    const auto result = nlohmann::json::parse(read_file(folder() / "output"));
    EXPECT_EQ(result["interrupted"], true);
    const auto doctor = nlohmann::json::parse(heddle("doctor --quick --json").output);
    expect_contains(doctor["places"]["database"], "records)");
}

TEST_F(CommandTune, a_damaged_database_is_refused_and_left_as_it_is) {
    write_file(folder() / "tuning.db", "this is no database");
    expect_refusal("tune " + problem + " --trials 1", "tuning.db is damaged");
    EXPECT_EQ(read_file(folder() / "tuning.db"), "this is no database");
    const CommandResult run = heddle("run " + problem + " --time 1ms");
    EXPECT_EQ(run.status, 0);
    expect_contains(run.errors, "the tuning database is not used");
    expect_contains(heddle("doctor --quick").output, "UNUSABLE");
}

}  // namespace
}  // namespace heddle::test
