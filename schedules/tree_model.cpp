// schedules/tree_model.cpp -- the fields of XGBoost's JSON that decide what its trees give.
#include "schedules/tree_model.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/error.h"

namespace heddle {
namespace {

using nlohmann::json;

}  // namespace

TreeModel TreeModel::parse(std::string_view text, const std::string& origin) {
    const auto refuse = [&](const std::string& what) -> UserError {
        return UserError(fmt::format("{}: {}: 'heddle db train' writes such a file anew", origin, what));
    };
    TreeModel model;
    try {
        const json learner = json::parse(text).at("learner");
        const json& booster = learner.at("gradient_booster");
        model.features_ = learner.at("feature_names").get<std::vector<std::string>>();
        if (learner.contains("attributes"))
            model.attributes_ = learner.at("attributes").get<std::map<std::string, std::string>>();
        model.base_ =
            std::strtof(learner.at("learner_model_param").at("base_score").get<std::string>().c_str(), nullptr);
        for (const json& tree : booster.at("model").at("trees")) {
            const auto left = tree.at("left_children").get<std::vector<int>>(),
                       right = tree.at("right_children").get<std::vector<int>>(),
                       feature = tree.at("split_indices").get<std::vector<int>>(),
                       missing = tree.at("default_left").get<std::vector<int>>();
            const auto condition = tree.at("split_conditions").get<std::vector<float>>();
            const auto count = static_cast<int>(left.size()), first = static_cast<int>(model.nodes_.size());
            for (const std::size_t size : {right.size(), feature.size(), missing.size(), condition.size()})
                if (size != left.size()) throw refuse("a tree has lists of different lengths");
            if (count == 0) throw refuse("a tree has no nodes");
            model.roots_.push_back(first);
            for (int i = 0; i < count; ++i) {
                const auto at = static_cast<std::size_t>(i);
                Node node{-1, -1, feature[at], condition[at], missing[at] != 0};
                if (left[at] >= 0) {
                    // Children stand after their parents, so that every way down ends.
                    for (const int child : {left[at], right[at]})
                        if (child <= i || child >= count) throw refuse("a node of a tree leads nowhere");
                    if (node.feature < 0 || node.feature >= std::ssize(model.features_))
                        throw refuse("a node asks for a feature that has no name");
                    node.left = first + left[at];
                    node.right = first + right[at];
                }
                if (!std::isfinite(node.condition)) throw refuse("a node has no number");
                model.nodes_.push_back(node);
            }
        }
    } catch (const json::exception& error) {
        throw refuse(fmt::format("is no model of trees ({})", error.what()));
    }
    if (model.roots_.empty() || !std::isfinite(model.base_)) throw refuse("has no trees");
    return model;
}

float TreeModel::at(std::span<const float> values) const {
    float sum = base_;
    for (const int root : roots_) {
        const Node* node = &nodes_[static_cast<std::size_t>(root)];
        while (node->left >= 0) {
            const float value = values[static_cast<std::size_t>(node->feature)];
            const bool left = std::isnan(value) ? node->missing_left : value < node->condition;
            node = &nodes_[static_cast<std::size_t>(left ? node->left : node->right)];
        }
        sum += node->condition;
    }
    return sum;
}

std::string TreeModel::attribute(const std::string& name) const {
    const auto found = attributes_.find(name);
    return found == attributes_.end() ? "" : found->second;
}

}  // namespace heddle
