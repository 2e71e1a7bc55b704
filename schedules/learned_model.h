// schedules/learned_model.h -- a cost model that learned from measured schedules how far the analytical one is off.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "schedules/cost_model.h"
#include "schedules/estimate.h"
#include "schedules/tree_model.h"

namespace heddle {

/// One measured schedule. Schedules of one group are of one problem: only what they take beside each other counts.
struct CostSample {
    std::string group;
    double seconds = 0;  ///< measured
    Estimate expected;
};

/// Where a model comes from, kept in its file.
struct ModelOrigin {
    TargetKind kind = TargetKind::host;
    std::string versions;  ///< provenance of the records: "codegen 4, LLVM 19.1.7, AMD EPYC 9R14"
    int samples = 0, groups = 0;
};

/// All terms as CSV, a line a sample.
std::string table_of(const std::vector<CostSample>& samples);

/// Boosted trees over the terms of the estimates, for the logarithm of measured over expected time, less its mean in
/// the group; as the text of a file. Samples that cannot run do not count. Throws UserError where fewer than 20 samples
/// in fewer than 2 groups remain, or there is no XGBoost.
std::string train_cost_model(const std::vector<CostSample>& samples, const ModelOrigin& origin);

/// What was learned, ready to be asked.
class LearnedModel {
public:
    /// Throws UserError "<origin>: ..." for a text that is none, of another kind of target or of other terms.
    static LearnedModel parse(std::string_view text, const std::string& origin, TargetKind kind);
    /// Seconds, up to a factor that is the same for all schedules of a problem.
    double seconds(const Estimate& estimate) const;
    const ModelOrigin& origin() const { return origin_; }

private:
    explicit LearnedModel(TreeModel trees) : trees_(std::move(trees)) {}
    TreeModel trees_;
    ModelOrigin origin_;
};

/// The one behind the interface of the other.
std::unique_ptr<CostModel> learned_model(const Target& target, LearnedModel model);

/// Spearman's coefficient of both models on the schedules of each group, the learned one trained on all other groups.
struct HeldBack {
    std::string group;
    int samples = 0;
    double analytical = 0, learned = 0;
};
/// Of groups with at least 10 samples.
std::vector<HeldBack> hold_back_each(const std::vector<CostSample>& samples, const ModelOrigin& origin);

}  // namespace heddle
