// tests/tools/command_tune_test.cpp -- tuning records what it finds, ends cleanly on Ctrl-C, and refuses bad databases.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "schedules/record.h"
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
    // The interrupt comes once a trial is recorded, however slow the machine.
    const std::filesystem::path database = folder() / "tuning.db";
    const pid_t command = fork();
    if (command == 0) {
        const std::string line = "cd " + folder().string() + " && HEDDLE_CACHE= HEDDLE_DB=tuning.db exec " +
                                 HEDDLE_COMMAND + " tune " + problem + " --time 600s --json >output 2>errors";
        execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        _exit(127);
    }
    const auto recorded = [&] { return std::filesystem::exists(database) ? Database(database).size() : 0; };
    int status = 0;
    while (recorded() == 0) {
        ASSERT_EQ(waitpid(command, &status, WNOHANG), 0) << read_file(folder() / "errors");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    kill(command, SIGINT);
    ASSERT_EQ(waitpid(command, &status, 0), command);
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
