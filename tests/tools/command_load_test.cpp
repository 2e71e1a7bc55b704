// tests/tools/command_load_test.cpp -- operators of a plugin are used like any other; bad plugins are refused by name.
#include <nlohmann/json.hpp>

#include "runtime/version.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandLoad : public CommandFixture {
protected:
    static std::string load(const std::string& plugin) {
        return " --load " HEDDLE_TEST_PLUGINS "/lib" + plugin + ".so ";
    }
};

TEST_F(CommandLoad, its_operators_are_used_like_any_other) {
    EXPECT_EQ(heddle("check twice x=f32:1000" + load("registers")).status, 0);
    expect_contains(heddle("show twice x=f32:1000 --stage definition" + load("registers")).output, "x[n] * 2");
    expect_contains(heddle("list operators" + load("registers")).output, "two x");
    const CommandResult tuned = heddle("tune twice x=f32:1000 --trials 2 --json" + load("registers"));
    EXPECT_EQ(nlohmann::json::parse(tuned.output)["operator"], "twice") << tuned.errors;
    expect_refusal("run twice x=f32:8", "there is no operator 'twice'");
    expect_refusal("run fails x=f32:8" + load("registers"), "fails is made for failing");
    EXPECT_EQ(heddle("run twice x=f32:8 --time 1ms" + load("registers") + load("registers")).status, 0);
}

TEST_F(CommandLoad, a_plugin_of_another_version_is_refused_before_its_code_runs) {
    expect_refusal("run twice x=f32:8" + load("another_version"),
                   "was built for Heddle 9.9.9, this is " HEDDLE_VERSION_TEXT);
}

TEST_F(CommandLoad, the_headers_have_the_version_of_the_build) {
    EXPECT_EQ(heddle("--version").output, "heddle " HEDDLE_VERSION_TEXT "\n");
}

TEST_F(CommandLoad, what_goes_wrong_is_said) {
    expect_refusal("run twice x=f32:8" + load("throws"),
                   "fails to register its operators: the table of weights is missing");
    expect_refusal("run twice x=f32:8" + load("crashes"), "crashes as it is loaded: Aborted");
    expect_refusal("run twice x=f32:8" + load("clashes"), "there is an operator 'conv2d' already");
    expect_refusal("run twice x=f32:8" + load("registers_nothing"), "is no plugin of Heddle");
    expect_refusal("run twice x=f32:8 --load nowhere.so", "the plugin nowhere.so cannot be found");
    write_file(folder() / "text.so", "no library");
    expect_refusal("run twice x=f32:8 --load text.so", "the plugin text.so cannot be loaded");
}

}  // namespace
}  // namespace heddle::test
