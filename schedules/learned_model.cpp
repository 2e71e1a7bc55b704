// schedules/learned_model.cpp -- terms of estimates as features, errors of the analytical model as what is learned.
#include "schedules/learned_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "runtime/error.h"
#include "runtime/text.h"
#include "schedules/rank_correlation.h"
#include "schedules/xgboost.h"

namespace heddle {
namespace {

constexpr std::size_t fewest_samples = 20, fewest_groups = 2, fewest_in_group = 3, fewest_held_back = 10;
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

std::string_view name_of(TargetKind kind) { return kind == TargetKind::host ? "host" : "cuda"; }

/// Values of the features by position; a term that this schedule does not have is not known.
std::vector<float> row_of(const CostTerms& terms, const std::vector<std::string>& features) {
    std::vector<float> row(features.size(), unknown);
    for (const auto& [name, value] : terms.values()) {
        const auto found = std::lower_bound(features.begin(), features.end(), name);
        if (found != features.end() && *found == name)
            row[static_cast<std::size_t>(found - features.begin())] = static_cast<float>(value);
    }
    return row;
}

double error_of(const CostSample& sample) { return std::log(sample.seconds / sample.expected.seconds); }

/// The samples that can be learned from, by their groups.
std::map<std::string, std::vector<const CostSample*>> groups_of(const std::vector<CostSample>& samples) {
    std::map<std::string, std::vector<const CostSample*>> groups;
    for (const CostSample& sample : samples)
        if (sample.seconds > 0 && sample.expected.seconds > 0 && std::isfinite(sample.expected.seconds))
            groups[sample.group].push_back(&sample);
    std::erase_if(groups, [](const auto& group) { return group.second.size() < fewest_in_group; });
    return groups;
}

}  // namespace

std::string table_of(const std::vector<CostSample>& samples) {
    std::set<std::string> names;
    for (const CostSample& sample : samples)
        for (const auto& [name, value] : sample.expected.terms.values()) names.insert(name);
    std::string text = "problem,seconds,expected," + join({names.begin(), names.end()}, ",") + "\n";
    for (const CostSample& sample : samples) {
        const auto& values = sample.expected.terms.values();
        const std::map<std::string, double> by_name(values.begin(), values.end());
        text += fmt::format("{},{:.6g},{:.6g}", sample.group, sample.seconds, sample.expected.seconds);
        for (const std::string& name : names) {
            const auto value = by_name.find(name);
            text += value == by_name.end() ? "," : fmt::format(",{:.5g}", value->second);
        }
        text += "\n";
    }
    return text;
}

std::string train_cost_model(const std::vector<CostSample>& samples, const ModelOrigin& origin) {
    const auto groups = groups_of(samples);
    std::size_t count = 0;
    std::set<std::string> names;
    for (const auto& [name, members] : groups)
        for (const CostSample* sample : members) {
            ++count;
            for (const auto& [term, value] : sample->expected.terms.values()) names.insert(term);
        }
    if (count < fewest_samples || groups.size() < fewest_groups)
        throw UserError(
            fmt::format("{} measured schedules of {} problems for {} teach nothing: at least {} of {} are needed, and "
                        "{} of each; 'heddle tune' measures more",
                        count, groups.size(), name_of(origin.kind), fewest_samples, fewest_groups, fewest_in_group));
    TreeSamples trees;
    trees.features.assign(names.begin(), names.end());
    for (const auto& [name, members] : groups) {
        double mean = 0;
        for (const CostSample* sample : members) mean += error_of(*sample) / static_cast<double>(members.size());
        for (const CostSample* sample : members) {
            const std::vector<float> row = row_of(sample->expected.terms, trees.features);
            trees.rows.insert(trees.rows.end(), row.begin(), row.end());
            trees.values.push_back(static_cast<float>(error_of(*sample) - mean));
            trees.weights.push_back(1);
        }
    }
    return train_trees(trees, {},
                       {{"heddle_terms", std::to_string(cost_terms_version)},
                        {"heddle_target", std::string(name_of(origin.kind))},
                        {"heddle_versions", origin.versions},
                        {"heddle_samples", std::to_string(count)},
                        {"heddle_groups", std::to_string(groups.size())}});
}

LearnedModel LearnedModel::parse(std::string_view text, const std::string& origin, TargetKind kind) {
    LearnedModel model(TreeModel::parse(text, origin));
    const auto refuse = [&](const std::string& what) {
        throw UserError(fmt::format("{}: {}: 'heddle db train' writes such a file anew", origin, what));
    };
    const std::string terms = model.trees_.attribute("heddle_terms"), target = model.trees_.attribute("heddle_target");
    if (terms.empty()) refuse("is no model of the cost of schedules");
    if (terms != std::to_string(cost_terms_version))
        refuse(fmt::format("was learned from terms of version {}, and this Heddle has those of version {}", terms,
                           cost_terms_version));
    if (target != name_of(kind)) refuse(fmt::format("is for {}, not for {}", target, name_of(kind)));
    if (!std::is_sorted(model.trees_.features().begin(), model.trees_.features().end()))
        refuse("its features are not in order");
    model.origin_ = {kind, model.trees_.attribute("heddle_versions"),
                     std::atoi(model.trees_.attribute("heddle_samples").c_str()),
                     std::atoi(model.trees_.attribute("heddle_groups").c_str())};
    return model;
}

double LearnedModel::seconds(const Estimate& estimate) const {
    if (!std::isfinite(estimate.seconds)) return estimate.seconds;
    return estimate.seconds * std::exp(static_cast<double>(trees_.at(row_of(estimate.terms, trees_.features()))));
}

namespace {

class Learned : public CostModel {
public:
    Learned(const Target& target, LearnedModel model) : target_(target), model_(std::move(model)) {}
    double seconds(const Pipeline& pipeline, const Schedule& schedule) const override {
        return model_.seconds(estimate(pipeline, schedule, target_));
    }

private:
    const Target target_;
    const LearnedModel model_;
};

}  // namespace

std::unique_ptr<CostModel> learned_model(const Target& target, LearnedModel model) {
    return std::make_unique<Learned>(target, std::move(model));
}

std::vector<HeldBack> hold_back_each(const std::vector<CostSample>& samples, const ModelOrigin& origin) {
    std::vector<HeldBack> all;
    for (const auto& [name, members] : groups_of(samples)) {
        if (members.size() < fewest_held_back) continue;
        std::vector<CostSample> others;
        for (const CostSample& sample : samples)
            if (sample.group != name) others.push_back(sample);
        const LearnedModel model = LearnedModel::parse(train_cost_model(others, origin), name, origin.kind);
        std::vector<double> measured, analytical, learned;
        for (const CostSample* sample : members) {
            measured.push_back(sample->seconds);
            analytical.push_back(sample->expected.seconds);
            learned.push_back(model.seconds(sample->expected));
        }
        all.push_back({name, static_cast<int>(members.size()), rank_correlation(analytical, measured),
                       rank_correlation(learned, measured)});
    }
    return all;
}

}  // namespace heddle
