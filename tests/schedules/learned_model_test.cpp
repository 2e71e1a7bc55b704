// tests/schedules/learned_model_test.cpp -- what the analytical model gets wrong everywhere is learned, and held to.
#include "schedules/learned_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "schedules/xgboost.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

/// Of problems of different sizes, on which tests take four times as long as is expected.
std::vector<CostSample> samples(int problems, int of_each) {
    std::vector<CostSample> all;
    for (int problem = 0; problem < problems; ++problem)
        for (int i = 0; i < of_each; ++i) {
            CostSample sample{"problem " + std::to_string(problem), 0, {}};
            const double expected = (1 + problem) * 1e-3 * (1 + 0.01 * (i % 10));
            sample.expected.seconds = expected;
            sample.expected.terms.set("tests", i % 3);
            sample.expected.terms.set("problem", problem);
            if (i % 2 == 0) sample.expected.terms.set("of_half", i % 7);
            sample.seconds = expected * std::pow(4, i % 3);
            all.push_back(sample);
        }
    return all;
}
const ModelOrigin origin{TargetKind::host, "codegen 7"};

class LearnedModelTest : public testing::Test {
protected:
    void SetUp() override {
        if (const auto problem = xgboost_problem()) GTEST_SKIP() << *problem;
    }
};

TEST_F(LearnedModelTest, OrdersProblemsThatItHasNotSeen) {
    const std::vector<HeldBack> held_back = hold_back_each(samples(4, 30), origin);
    ASSERT_EQ(held_back.size(), 4U);
    for (const HeldBack& problem : held_back) {
        EXPECT_LT(problem.analytical, 0.5);
        EXPECT_GT(problem.learned, 0.95) << problem.group;
        EXPECT_EQ(problem.samples, 30);
    }
}

TEST_F(LearnedModelTest, KeepsWhereItComesFromAndWhatCannotRun) {
    std::vector<CostSample> given = samples(3, 20);
    given[0].seconds = 0;
    given[1].expected.seconds = std::numeric_limits<double>::infinity();
    const LearnedModel model = LearnedModel::parse(train_cost_model(given, origin), "trained", TargetKind::host);
    EXPECT_EQ(model.origin().versions, "codegen 7");
    EXPECT_EQ(model.origin().samples, 58);
    EXPECT_EQ(model.origin().groups, 3);
    EXPECT_TRUE(std::isinf(model.seconds(given[1].expected)));
    EXPECT_GT(model.seconds(given[5].expected) / model.seconds(given[3].expected), 8);  // 16, with infinite data
}

TEST_F(LearnedModelTest, RefusesTooFewSamplesAndOtherModels) {
    for (const auto& few : {samples(1, 40), samples(5, 3), samples(20, 2)})
        EXPECT_NE(error_of([&] { train_cost_model(few, origin); }).find("teach nothing"), std::string::npos);
    const std::string text = train_cost_model(samples(3, 20), origin);
    const auto refusal = [](const std::string& of, TargetKind kind) {
        return error_of([&] { LearnedModel::parse(of, "a.json", kind); });
    };
    EXPECT_NE(refusal(text, TargetKind::cuda).find("a.json: is for host, not for cuda"), std::string::npos);
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string other = text;
        other.replace(other.find(from), from.size(), to);
        return refusal(other, TargetKind::host);
    };
    EXPECT_NE(with(R"("heddle_terms":")", R"("heddle_terms":"9)").find("terms of version 9"), std::string::npos);
    EXPECT_NE(with("heddle_terms", "x").find("is no model of the cost of schedules"), std::string::npos);
    EXPECT_NE(with(R"("of_half")", R"("zzz")").find("not in order"), std::string::npos);
}

}  // namespace
}  // namespace heddle::test
