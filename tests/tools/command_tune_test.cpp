// tests/tools/command_tune_test.cpp -- tuning records what it finds, ends cleanly on Ctrl-C, and refuses bad databases.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/cuda_driver.h"
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

/// Starts `heddle tune problem options` and returns once a trial is recorded.
pid_t start(const std::filesystem::path& folder, const std::string& options) {
    const pid_t command = fork();
    if (command == 0) {
        const std::string line = "cd " + folder.string() + " && HEDDLE_CACHE= HEDDLE_DB=tuning.db exec " +
                                 HEDDLE_COMMAND + " tune " + problem + " " + options + " >output 2>errors";
        execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        _exit(127);
    }
    return command;
}
std::int64_t rows_of(const std::filesystem::path& folder) {
    const std::filesystem::path database = folder / "tuning.db";
    return std::filesystem::exists(database) ? Database(database).size() : 0;
}

TEST_F(CommandTune, killed_it_has_lost_the_trials_in_flight_alone_and_resume_goes_on) {
    const pid_t command = start(folder(), "--time 600s --workers 1 --search random");
    int status = 0;
    while (rows_of(folder()) < 3) {
        ASSERT_EQ(waitpid(command, &status, WNOHANG), 0) << read_file(folder() / "errors");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    kill(command, SIGKILL);
    ASSERT_EQ(waitpid(command, &status, 0), command);
    const std::int64_t rows = rows_of(folder());
    EXPECT_GE(rows, 3);
    const CommandResult resumed = heddle("tune " + problem + " --trials 3 --resume --search random --json");
    ASSERT_EQ(resumed.status, 0) << resumed.errors;
    const auto result = nlohmann::json::parse(resumed.output);
    EXPECT_EQ(result["known"], rows);
    EXPECT_EQ(result["trials"], 3);
    EXPECT_GE(rows_of(folder()), rows + 3);
}

TEST_F(CommandTune, two_processes_tune_into_one_database) {
    const pid_t other = start(folder(), "--trials 4 --seed 1 --search random");
    const CommandResult mine =
        heddle("tune " + problem + " --trials 4 --seed 2 --search random --json >mine 2>mine_errors; true");
    int status = -1;
    ASSERT_EQ(waitpid(other, &status, 0), other);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << read_file(folder() / "errors");
    EXPECT_GE(rows_of(folder()), 8) << read_file(folder() / "mine_errors");
}

TEST_F(CommandTune, a_dry_run_shows_the_space_and_records_nothing) {
    const CommandResult dry = heddle("tune " + problem + " --dry-run");
    EXPECT_EQ(dry.status, 0) << dry.errors;
    expect_contains(dry.output, "combinations");
    expect_contains(dry.output, "first candidates of --search evolution");
    const auto json = nlohmann::json::parse(heddle("tune " + problem + " --dry-run --json").output);
    EXPECT_GT(json["combinations"], 100);
    EXPECT_GE(json["candidates"].size(), 4u);
    EXPECT_EQ(rows_of(folder()), 0);
}

TEST_F(CommandTune, all_directions_are_tuned) {
    const CommandResult tuned = heddle("tune " + problem + " --grad all --trials 3 --json");
    ASSERT_EQ(tuned.status, 0) << tuned.errors;
    EXPECT_GE(nlohmann::json::parse(tuned.output)["trials"], 1);
}

TEST_F(CommandTune, faults_are_told_by_reason) {
    const std::string small = "-e \"y: f32[60,64]; y[i,j] = exp(x[i,j])\" x=f32:60x64";
    const CommandResult tuned = heddle("tune " + small + " --trials 40 --search random --json",
                                       "HEDDLE_WORKER=" + std::string(HEDDLE_FAULTY_WORKER));
    ASSERT_EQ(tuned.status, 0) << tuned.errors;
    const auto result = nlohmann::json::parse(tuned.output);
    std::int64_t told = 0;
    for (const auto& reason : result["reasons"]) told += reason["count"].get<std::int64_t>();
    EXPECT_EQ(told, result["failures"]);
}

TEST_F(CommandTune, wrong_uses_are_refused) {
    expect_refusal("tune " + problem + " --time 0s", "--time takes a time");
    expect_refusal("tune " + problem + " --trials 0", "--trials takes an integer of at least 1");
    expect_refusal("tune " + problem + " --search beam", "there is no search 'beam'; there are evolution, random");
    expect_refusal("tune " + problem + " --devices 0", "--devices names CUDA devices, and the target is host");
    if (cuda_problem())
        expect_refusal("tune " + problem + " --target cuda:sm_90 --trials 1", "nothing can be measured: ");
    expect_refusal("tune -e \"y[] += x[n]\" x=f32:0 --trials 1", "there is nothing to choose for y");
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
