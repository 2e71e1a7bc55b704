// tests/schedules/chosen_model_test.cpp -- which model a search asks, and what is said where a file cannot be used.
#include "schedules/chosen_model.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "dsl/parse.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

/// One leaf: every time counts `value` times e.
std::string model_text(const std::string& target, const std::string& value, const std::string& terms = "2") {
    return R"({"learner":{"attributes":{"heddle_terms":")" + terms + R"(","heddle_target":")" + target +
           R"(","heddle_versions":"codegen 7","heddle_samples":"40","heddle_groups":"3"},"feature_names":["tile"],
        "learner_model_param":{"base_score":"0"},"gradient_booster":{"model":{"trees":[{"left_children":[-1],
        "right_children":[-1],"split_indices":[0],"split_conditions":[)" +
           value + R"(],"default_left":[0]}]}}}})";
}

class ChosenModelTest : public testing::Test {
protected:
    void SetUp() override {
        setenv("HEDDLE_DB", (folder_.path() / "my.db").c_str(), 1);
        setenv("HEDDLE_SHARE", folder_.path().c_str(), 1);
    }
    void TearDown() override {
        unsetenv("HEDDLE_DB");
        setenv("HEDDLE_SHARE", "", 1);
    }
    void write(const std::string& name, const std::string& text) const { std::ofstream(folder_.path() / name) << text; }
    /// What the chosen model says of a schedule, over what the analytical one says.
    double factor() const {
        const Pipeline pipeline = parse_pipeline("x: f32[64,64]\ny[i,j] = x[i,j] * 2");
        const Schedule schedule = parse_schedule("y: split(j, 16) vectorize(j.i)");
        return choose_model(target_).model->seconds(pipeline, schedule) /
               analytical_model(target_)->seconds(pipeline, schedule);
    }

    TemporaryFolder folder_;
    Target target_ = Target::parse("host:avx2,threads=1");
};

TEST_F(ChosenModelTest, WithoutFilesItIsTheAnalyticalOne) {
    EXPECT_EQ(choose_model(target_).text, "analytical: there is no learned one");
    EXPECT_EQ(factor(), 1);
    setenv("HEDDLE_SHARE", "/nowhere", 1);
    EXPECT_EQ(choose_model(target_).problem, "");
}

TEST_F(ChosenModelTest, OnesOwnStandsBeforeTheShippedOne) {
    write("host.model.json", model_text("host", "1"));
    EXPECT_EQ(choose_model(target_).text, "learned from 40 schedules of 3 problems (" +
                                              (folder_.path() / "host.model.json").string() + "; codegen 7)");
    EXPECT_NEAR(factor(), 2.718, 1e-3);
    write("my.host.model.json", model_text("host", "2"));
    EXPECT_NEAR(factor(), 7.389, 1e-3);
    EXPECT_EQ(choose_model(Target::parse("cuda:sm_90")).text, "analytical: there is no learned one");
}

TEST_F(ChosenModelTest, AFileThatCannotBeUsedIsSaidAndPassedOver) {
    for (const std::string& text :
         {std::string("{\"learner\""), model_text("host", "1", "1"), model_text("cuda", "1")}) {
        write("my.host.model.json", text);
        EXPECT_EQ(factor(), 1);
        const ChosenModel chosen = choose_model(target_);
        EXPECT_NE(chosen.problem.find("my.host.model.json: "), std::string::npos) << chosen.problem;
        EXPECT_EQ(chosen.text, "analytical: " + chosen.problem);
    }
    write("host.model.json", model_text("host", "1"));
    EXPECT_NEAR(factor(), 2.718, 1e-3);
    EXPECT_NE(choose_model(target_).problem, "");
}

}  // namespace
}  // namespace heddle::test
