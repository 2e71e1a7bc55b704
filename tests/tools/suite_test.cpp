// tests/tools/suite_test.cpp -- lists of layers become words of a command line; what is wrong in one is said.
#include "tools/suite.h"

#include "tests/support/error_text.h"
#include "tests/tools/run_command.h"
#include "tools/problem.h"

namespace heddle::tools {
namespace {

class Suite : public testing::Test {
protected:
    test::TemporaryFolder folder_;
    std::string file_ = (folder_.path() / "layers.json").string();
    static Subcommand subcommand() {
        std::vector<OptionRow> options = suite_options();
        options.push_back({"--grad", "NAMES", ""});
        return {"tune", "", "", options, {}, nullptr, {}};
    }
    std::vector<SuiteEntry> read(const std::string& text, const std::vector<std::string>& options = {}) const {
        test::write_file(file_, text);
        return read_suite(file_, CommandLine(subcommand(), options));
    }
    void expect_refusal(const std::string& text, const std::string& part,
                        const std::vector<std::string>& options = {}) {
        test::expect_refusal([&] { read(text, options); }, part);
    }
};

std::string joined(const SuiteEntry& entry) {
    std::string text;
    for (const std::string& word : entry.arguments) text += (text.empty() ? "" : " ") + word;
    return text;
}

TEST_F(Suite, every_layer_of_the_benchmarks_makes_a_definition) {
    for (const char* table : {"host", "convolution", "depthwise", "linear", "pooling", "rows", "transposed"}) {
        const std::string file = std::string(HEDDLE_TESTS_DIR) + "/../bench/layers/" + table + ".json";
        const std::vector<SuiteEntry> entries = read_suite(file, CommandLine(subcommand(), {}));
        EXPECT_GE(entries.size(), 4u) << table;
        for (const SuiteEntry& entry : entries) EXPECT_NO_THROW(make_problem(entry.arguments)) << joined(entry);
    }
}

TEST_F(Suite, layers_come_forward_and_in_the_directions_asked_for) {
    const std::string text = R"([{"name": "a", "kind": "linear", "N": 4, "C": 8, "K": 2},
                                 {"name": "b", "use": "cross_entropy x=f32:4x8 target=i64:4"}])";
    const std::vector<SuiteEntry> forward = read(text), all = read(text, {"--grad", "all", "--type=bf16"});
    ASSERT_EQ(forward.size(), 2u);
    EXPECT_EQ(joined(forward[0]), "linear x=f32:4x8 w=f32:2x8");
    ASSERT_EQ(all.size(), 5u);
    EXPECT_EQ(joined(all[2]), "linear x=bf16:4x8 w=bf16:2x8 --grad w");
    EXPECT_EQ(all[2].title, "a dw");
    EXPECT_EQ(all[4].title, "b dx");
    expect_refusal(text, "b: has no input 'w' with a gradient; it has x", {"--grad", "w"});
}

TEST_F(Suite, what_is_wrong_in_a_row_is_said) {
    expect_refusal("{", "is not JSON");
    expect_refusal("[]", "should be a list of layers");
    expect_refusal(R"([{"kind": "linear"}])", "should be an object with a \"name\"");
    expect_refusal(R"([{"name": "a", "kind": "linaer"}])", "did you mean 'linear'?");
    expect_refusal(R"([{"name": "a", "kind": "linear", "N": 4, "C": 0, "K": 2}])", "a: \"C\" should be a whole number");
    expect_refusal(R"([{"name": "a", "kind": "softmax", "N": 4, "C": 1, "K": 2}])", "has no \"K\"");
    expect_refusal(R"([{"name": "a", "use": " "}])", "\"use\" names no operator");
    expect_refusal(R"([{"name": "a", "use": "relu x=f32:8"}])", "--layout is nhwc or nchw", {"--layout", "chwn"});
    expect_refusal(R"([{"name": "a", "use": "relu x=f32:8"}])", "--type is a floating type", {"--type", "i8"});
}

TEST_F(Suite, a_bar_goes_on_from_layer_to_layer) {
    EXPECT_EQ((SuitePlace{}.title("tune")), "tune");
    EXPECT_EQ((SuitePlace{}.done(0.5)), 0.5);
    EXPECT_EQ((SuitePlace{2, 10}.title("tune")), "tune 3/10");
    EXPECT_EQ((SuitePlace{2, 10}.done(0)), 0.2);
    EXPECT_EQ((SuitePlace{9, 10}.done(1)), 1);
}

}  // namespace
}  // namespace heddle::tools
