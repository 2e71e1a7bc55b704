// schedules/xgboost.h -- training of boosted trees by the XGBoost library, opened when it is asked for.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle {

/// Rows of features, with a value that each should come to; NaN is a feature that is not known.
struct TreeSamples {
    std::vector<std::string> features;
    std::vector<float> rows;    ///< features.size() each
    std::vector<float> values;  ///< one each
    std::vector<float> weights;
};
struct TreeOptions {
    int trees = 120, depth = 5;
    double step = 0.08;          ///< what a tree adds of what it found
    double least_weight = 4;     ///< of the samples in a leaf
    double share_of_rows = 0.8;  ///< that a tree sees
    double share_of_features = 0.6;
};

/// Why nothing can be trained here; nothing: it can.
std::optional<std::string> xgboost_problem();
/// "1.7.4", of "libxgboost.so.0". Throws UserError where there is none.
std::string xgboost_version();
/// Least squares; the same samples and options give the same trees. Returns XGBoost's JSON with `attributes` in it.
/// Throws UserError where the library is missing, or refuses.
std::string train_trees(const TreeSamples& samples, const TreeOptions& options,
                        const std::vector<std::pair<std::string, std::string>>& attributes);

}  // namespace heddle
