// schedules/tree_model.h -- boosted regression trees as XGBoost writes them to JSON, read and evaluated without it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// A sum of trees (Chen and Guestrin 2016) over features by name.
class TreeModel {
public:
    /// Throws UserError "<origin>: ..." for a text that is no such model, and for nodes that lead nowhere.
    static TreeModel parse(std::string_view json, const std::string& origin);

    /// By position of features(); a feature that is not known is a NaN, and goes where most of its kind went.
    float at(std::span<const float> values) const;
    const std::vector<std::string>& features() const { return features_; }
    /// What was written into the model beside its trees; empty where there is nothing of that name.
    std::string attribute(const std::string& name) const;
    std::size_t trees() const { return roots_.size(); }

private:
    /// A leaf has no children, and its value in `condition`.
    struct Node {
        int left = -1, right = -1, feature = 0;
        float condition = 0;
        bool missing_left = false;
    };
    std::vector<std::string> features_;
    std::map<std::string, std::string> attributes_;
    std::vector<Node> nodes_;
    std::vector<int> roots_;
    float base_ = 0;
};

}  // namespace heddle
