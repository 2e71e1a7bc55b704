// tests/tools/command_status_test.cpp -- exit statuses, and what the subcommands print where all is well.
#include <nlohmann/json.hpp>

#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

using CommandStatus = CommandFixture;

TEST_F(CommandStatus, help_is_fine_and_no_arguments_are_not) {
    expect_contains(heddle("--help").output, "exit status:");
    EXPECT_EQ(heddle("--help").status, 0);
    EXPECT_EQ(heddle("").status, 2);
    for (const char* name : {"list", "show", "run", "check", "tune", "db", "emit", "doctor", "demo"})
        expect_contains(heddle(std::string(name) + " --help").output, "examples:");
}

TEST_F(CommandStatus, list_and_doctor_say_what_there_is) {
    expect_contains(heddle("list").output, "conv2d");
    expect_contains(heddle("list directives").output, "split(");
    EXPECT_EQ(heddle("list operatrs").status, 2);
    const auto doctor = nlohmann::json::parse(heddle("doctor --quick --json").output);
    EXPECT_EQ(doctor["places"]["database"], "tuning.db  (none yet; 'heddle tune' makes it)");
}

TEST_F(CommandStatus, show_prints_every_stage) {
    const std::string use = "show conv2d x=f32:1x2x9x9 w=f32:16x2x3x3 padding=1 --stage ";
    expect_contains(heddle(use + "definition").output, "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]");
    expect_contains(heddle(use + "cost").output, "im2col       81 x 18");
    expect_contains(heddle(use + "access").output, "-1..9");
    expect_contains(heddle(use + "schedule").output, "Schedule()");
    expect_contains(heddle(use + "loops").output, "for ");
    expect_contains(heddle(use + "passes").output, "after simplify_statements");
    expect_contains(heddle(use + "llvm").output, "define ");
    expect_contains(heddle(use + "asm").output, "ret");
    EXPECT_EQ(heddle("show conv2d x=f32:1x2x9x9 w=f32:16x2x3x3").status, 0);
}

TEST_F(CommandStatus, check_passes_on_right_code) {
    for (const char* use :
         {"conv2d x=f32:1x3x9x8 w=f32:5x3x3x3 padding=1 stride=2,1", "conv2d x=bf16:nhwc:2x7x7x4 w=bf16:krsc:4x3x3x4",
          "-e 'y[n] max= x[n,c]' x=i32:7x5", "-e 'N in [1,64]; x: f32[N,8]; y[n] += x[n,c]' x=f32:5x8",
          "-e 'y[n] = t[index(i[n], 10)]' t=f32:10 i=i32:30 --target checked"}) {
        const CommandResult result = heddle(std::string("check ") + use);
        EXPECT_EQ(result.status, 0) << use << "\n" << result.output << result.errors;
    }
}

TEST_F(CommandStatus, run_gives_the_same_digest_for_the_same_seed) {
    const std::string use = "run conv2d x=f32:1x3x9x8 w=f32:5x3x3x3 --json --time 1ms --seed ";
    const auto digest = [&](const std::string& seed) {
        return nlohmann::json::parse(heddle(use + seed).output)["outputs"][0]["digest"].get<std::string>();
    };
    EXPECT_EQ(digest("3"), digest("3"));
    EXPECT_NE(digest("3"), digest("4"));
}

}  // namespace
}  // namespace heddle::test
