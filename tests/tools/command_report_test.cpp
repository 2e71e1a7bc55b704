// tests/tools/command_report_test.cpp -- the page holds its data, needs nothing else, and a browser draws it.
#include <nlohmann/json.hpp>
#include <regex>

#include "schedules/record.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandReport : public CommandFixture {
protected:
    static constexpr const char* problem = "conv2d x=f32:nhwc:1x12x12x16 w=f32:krsc:16x3x3x16 padding=1";
    /// Tunes, and adds a trial that failed with a reason that is hostile to HTML.
    void SetUp() override {
        ASSERT_EQ(heddle(std::string("tune ") + problem + " --trials 6").status, 0);
        Database database(folder() / "tuning.db");
        TuningRecord failure = database.all(database.keys()[0].key)[0];
        failure.status = TrialStatus::failed;
        failure.schedule += " split(r, 3)";
        failure.reason = "</script><b>&";
        database.add(failure);
        trials_ = database.size();
    }
    nlohmann::json data_of(const std::string& page) const {
        const std::string begin = "<script type=\"application/json\" id=\"data\">";
        const std::size_t from = page.find(begin) + begin.size();
        return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
    }
    std::int64_t trials_ = 0;
};

TEST_F(CommandReport, the_page_holds_every_trial_and_the_code) {
    const CommandResult result = heddle(std::string("report ") + problem + " -o page.html");
    ASSERT_EQ(result.status, 0) << result.errors;
    expect_contains(result.output, "page.html: " + std::to_string(trials_) + " trials of 1 keys");
    const std::string page = read_file(folder() / "page.html");
    EXPECT_EQ(page.find("<!DOCTYPE html>"), 0u);
    const auto key = data_of(page)["keys"][0];
    EXPECT_EQ(key["trials"].size(), static_cast<std::size_t>(trials_));
    EXPECT_EQ(key["trials"].back()["reason"], "</script><b>&");
    EXPECT_GE(key["best"], 0);
    ASSERT_TRUE(key["code"].is_object());
    EXPECT_EQ(key["code"]["language"], "assembly");
    std::size_t linked = 0;
    for (const auto& line : key["code"]["lines"]) linked += line[1] != "";
    EXPECT_GT(linked, 20u);
    expect_contains(page, "<svg xmlns");
    // Nothing is fetched: the only addresses are names of XML.
    const std::string without = std::regex_replace(page, std::regex("http://www\\.w3\\.org/2000/svg"), "");
    EXPECT_EQ(without.find("http"), std::string::npos);
    EXPECT_EQ(std::regex_search(without, std::regex("<(link|img|iframe|script src)")), false);
}

TEST_F(CommandReport, a_browser_draws_it) {
    if (std::system("command -v chromium >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "there is no chromium: nothing has drawn the page (tools/setup.sh --test installs it)";
    ASSERT_EQ(heddle(std::string("report ") + problem + " -o page.html").status, 0);
    const std::string browser = "cd " + folder().string() + " && HOME=" + folder().string() +
                                " timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
                                "--user-data-dir=profile --window-size=1200,2600 ";
    const std::string file = "file://" + (folder() / "page.html").string();
    ASSERT_EQ(std::system((browser + "--dump-dom " + file + " >dom.html 2>log").c_str()), 0)
        << read_file(folder() / "log");
    const std::string dom = read_file(folder() / "dom.html");
    expect_contains(dom, "data-drawn=\"1\"");
    std::int64_t dots = 0;
    for (std::size_t at = 0; (at = dom.find("class=\"trial\"", at)) != std::string::npos; ++at) ++dots;
    EXPECT_EQ(dots, trials_);
    expect_contains(dom, "data-loop=\"");
    expect_contains(dom, "data-loops=\"");
    expect_contains(dom, "&lt;/script&gt;&lt;b&gt;&amp;");
    ASSERT_EQ(std::system((browser + "--screenshot=page.png " + file + " >/dev/null 2>log").c_str()), 0);
    EXPECT_GT(std::filesystem::file_size(folder() / "page.png"), 30000u) << "an empty page takes less";
}

TEST_F(CommandReport, peers_stand_in_the_roofline_where_they_did_the_same) {
    // 2 * 144 * 16 * 144 operations; x, w and y: 4 * (2304 + 2304 + 2304) bytes.
    const auto results = [&](const std::string& bytes) {
        std::ofstream(folder() / "results.json")
            << R"({"layers": [{"layer": "small", "operations": 663552, "bytes": )" << bytes << R"(, "results": [
                {"name": "oneDNN any", "seconds": 2e-5, "right": true},
                {"name": "oneDNN wrong", "seconds": 1e-5, "right": false},
                {"name": "default schedule", "seconds": 3e-5, "right": true}]}]})";
        return heddle(std::string("report ") + problem + " -o page.html --peers results.json");
    };
    CommandResult result = results("27648");
    ASSERT_EQ(result.status, 0) << result.errors;
    expect_contains(result.output, "1 of 1 results of peers are of the same operations and bytes");
    std::string page = read_file(folder() / "page.html");
    expect_contains(page, "oneDNN any, small: 20 us");
    EXPECT_EQ(page.find("oneDNN wrong"), std::string::npos);
    result = results("27652");
    expect_contains(result.output, "0 of 1 results of peers");
    page = read_file(folder() / "page.html");
    EXPECT_EQ(page.find("oneDNN any"), std::string::npos);
    std::ofstream(folder() / "results.json") << "[]";
    expect_refusal(std::string("report ") + problem + " --peers results.json", "should be what heddle_bench");
}

TEST_F(CommandReport, says_what_is_missing) {
    expect_refusal("report linear x=f32:2x2 w=f32:2x2", "nothing is recorded of this definition and target");
    expect_refusal("report --db nowhere.db", "there is no tuning database nowhere.db");
    expect_refusal("report -o nowhere/page.html", "nowhere/page.html cannot be written");
    expect_refusal("report 00000000", "the database has no key 00000000");
}

}  // namespace
}  // namespace heddle::test
