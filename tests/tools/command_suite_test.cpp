// tests/tools/command_suite_test.cpp -- --suite works through a list of layers, in every direction asked for.
#include <nlohmann/json.hpp>
#include <sstream>

#include "schedules/record.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandSuite : public CommandFixture {
protected:
    void SetUp() override {
        write_file(folder() / "layers.json", R"([{"name": "fc", "kind": "linear", "N": 8, "C": 32, "K": 16},
            {"name": "rows", "use": "softmax x=f32:16x32"}])");
    }
};

TEST_F(CommandSuite, bench_measures_every_layer_and_direction) {
    const CommandResult result = heddle("bench --suite layers.json --grad all --time 5ms --json");
    ASSERT_EQ(result.status, 0) << result.errors;
    std::istringstream lines(result.output);
    std::vector<std::string> operators;
    for (std::string line; std::getline(lines, line);) operators.push_back(nlohmann::json::parse(line)["operator"]);
    EXPECT_EQ(operators.size(), 5u) << result.output;
    expect_contains(heddle("bench --suite layers.json --time 5ms").output, "[2/2] rows");
}

TEST_F(CommandSuite, tune_records_every_layer) {
    const CommandResult result = heddle("tune --suite layers.json --trials 2");
    ASSERT_EQ(result.status, 0) << result.errors;
    expect_contains(result.output, "[1/2] fc");
    EXPECT_EQ(Database(folder() / "tuning.db").keys().size(), 2u);
}

TEST_F(CommandSuite, all_layers_share_a_total) {
    const CommandResult result = heddle("tune --suite layers.json --total 3s --trials 2");
    ASSERT_EQ(result.status, 0) << result.errors;
    EXPECT_EQ(Database(folder() / "tuning.db").keys().size(), 2u);
    expect_refusal("tune softmax x=f32:16x32 --total 3s", "--total is for all layers of a suite together");
}

TEST_F(CommandSuite, a_layer_that_is_refused_does_not_end_it) {
    write_file(
        folder() / "odd.json",
        R"([{"name": "odd", "use": "conv2d x=f32:1x5x6x6 w=f32:3x2x3x3"}, {"name": "rows", "use": "softmax x=f32:16x32"}])");
    const CommandResult result = heddle("bench --suite odd.json --time 5ms");
    EXPECT_EQ(result.status, 1);
    expect_contains(result.errors, "odd: ");
    expect_contains(result.output, "[2/2] rows");
    expect_refusal("bench softmax x=f32:8x8 --suite layers.json", "--suite names the layers");
    expect_refusal("bench --suite nowhere.json", "nowhere.json cannot be read");
}

}  // namespace
}  // namespace heddle::test
