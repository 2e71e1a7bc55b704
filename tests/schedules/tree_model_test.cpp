// tests/schedules/tree_model_test.cpp -- trees as XGBoost writes them: evaluated by hand, as the library does, refused.
#include "schedules/tree_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <span>

#include "runtime/shared_library.h"
#include "schedules/xgboost.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

/// One tree: a < 2 ? 10 : (b < 5 ? 20 : 30), what is not known of a goes right, of b left; base 1.
std::string text_with(const std::string& from = "", const std::string& to = "") {
    std::string text = R"({"learner":{"attributes":{"what":"a test"},"feature_names":["a","b"],
        "learner_model_param":{"base_score":"1E0","num_feature":"2"},
        "gradient_booster":{"model":{"trees":[{"left_children":[1,-1,3,-1,-1],"right_children":[2,-1,4,-1,-1],
        "split_indices":[0,0,1,0,0],"split_conditions":[2,10,5,20,30],"default_left":[0,0,1,0,0]}]}}}})";
    if (const std::size_t at = text.find(from); !from.empty() && at != std::string::npos)
        text.replace(at, from.size(), to);
    return text;
}

float value(const std::vector<float>& row) { return TreeModel::parse(text_with(), "here").at(row); }

TEST(TreeModel, goes_down_by_its_conditions) {
    EXPECT_EQ(value({1, 9}), 11);
    EXPECT_EQ(value({2, 4}), 21);
    EXPECT_EQ(value({2, 5}), 31);
    EXPECT_EQ(value({unknown, 9}), 31);
    EXPECT_EQ(value({unknown, unknown}), 21);
    const TreeModel model = TreeModel::parse(text_with(), "here");
    EXPECT_EQ(model.features(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(model.attribute("what"), "a test");
    EXPECT_EQ(model.attribute("whose"), "");
    EXPECT_EQ(model.trees(), 1U);
}

TEST(TreeModel, refuses_what_is_none) {
    const auto refusal = [](const std::string& text) {
        return error_of([&] { TreeModel::parse(text, "host.model.json"); });
    };
    const auto expect = [&](const std::string& from, const std::string& to, const std::string& part) {
        const std::string text = refusal(text_with(from, to));
        EXPECT_NE(text.find("host.model.json: "), std::string::npos) << text;
        EXPECT_NE(text.find(part), std::string::npos) << text << "\ndoes not say\n" << part;
    };
    for (const char* text : {"", "{", "[]", "{}", R"({"learner":3})"})
        EXPECT_NE(refusal(text).find("is no model of trees"), std::string::npos) << text;
    EXPECT_NE(refusal(text_with().substr(0, 300)).find("is no model of trees"), std::string::npos);
    expect("[1,-1,3,-1,-1]", "[1,-1,3,-1]", "lists of different lengths");
    expect("[1,-1,3,-1,-1]", "[0,-1,3,-1,-1]", "leads nowhere");
    expect("[2,-1,4,-1,-1]", "[7,-1,4,-1,-1]", "leads nowhere");
    expect("[0,0,1,0,0]", "[2,0,1,0,0]", "has no name");
    expect("[2,10,5,20,30]", "[2,10,\"5\",20,30]", "is no model of trees");
    expect("1E0", "nan", "has no trees");
}

/// XGBoost's own prediction of a model's text.
std::vector<float> library_values(const std::string& text, const std::vector<float>& rows, std::uint64_t columns) {
    static const SharedLibrary library({"libxgboost.so.0", "libxgboost.so"});
    const auto take = [&](auto& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(library.address(name));
    };
    int (*matrix_of)(const float*, std::uint64_t, std::uint64_t, float, void**) = nullptr;
    int (*create)(void* const*, std::uint64_t, void**) = nullptr;
    int (*load)(void*, const void*, std::uint64_t) = nullptr;
    int (*predict)(void*, void*, int, unsigned, int, std::uint64_t*, const float**) = nullptr;
    take(matrix_of, "XGDMatrixCreateFromMat");
    take(create, "XGBoosterCreate");
    take(load, "XGBoosterLoadModelFromBuffer");
    take(predict, "XGBoosterPredict");
    void *matrix = nullptr, *booster = nullptr;
    std::uint64_t count = 0;
    const float* values = nullptr;
    EXPECT_EQ(matrix_of(rows.data(), rows.size() / columns, columns, unknown, &matrix), 0);
    EXPECT_EQ(create(nullptr, 0, &booster), 0);
    EXPECT_EQ(load(booster, text.data(), text.size()), 0);
    EXPECT_EQ(predict(booster, matrix, 0, 0, 0, &count, &values), 0);
    return {values, values + count};
}

TEST(TreeModel, gives_what_xgboost_gives) {
    if (const auto problem = xgboost_problem()) GTEST_SKIP() << *problem;
    TreeSamples samples;
    samples.features = {"a", "b", "c"};
    for (int i = 0; i < 300; ++i) {
        const float a = static_cast<float>(i % 17), b = static_cast<float>(i * 7 % 23), c = i % 5 == 0 ? unknown : 1;
        samples.rows.insert(samples.rows.end(), {a, b, c});
        samples.values.push_back(a * b + (i % 5 == 0 ? 40 : 0));
        samples.weights.push_back(1);
    }
    const std::string text = train_trees(samples, {}, {{"heddle_terms", "1"}});
    EXPECT_EQ(text, train_trees(samples, {}, {{"heddle_terms", "1"}})) << "training is not reproducible";
    const TreeModel model = TreeModel::parse(text, "trained");
    EXPECT_EQ(model.attribute("heddle_terms"), "1");
    const std::vector<float> theirs = library_values(text, samples.rows, 3);
    ASSERT_EQ(theirs.size(), 300U);
    for (std::size_t i = 0; i < 300; ++i)
        EXPECT_NEAR(model.at(std::span(samples.rows).subspan(3 * i, 3)), theirs[i], 1e-4 * (1 + std::abs(theirs[i])));
}

}  // namespace
}  // namespace heddle::test
