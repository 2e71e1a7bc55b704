// schedules/chosen_model.h -- the cost model that a search asks: the learned one where there is one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "schedules/cost_model.h"

namespace heddle {

/// "tuning.host.model.json" beside the tuning database: where `heddle db train` writes.
std::filesystem::path own_model_path(const std::filesystem::path& database, TargetKind kind);
/// That of the standard database, then the one that comes with Heddle ("host.model.json" in its folder).
std::vector<std::filesystem::path> model_paths(TargetKind kind);

struct ChosenModel {
    std::unique_ptr<CostModel> model;
    /// "learned from 2310 schedules of 45 problems (/usr/share/heddle/host.model.json; codegen 31, ...)", or
    /// "analytical: there is no learned one".
    std::string text;
    std::string problem;  ///< why a file that is there is not used; empty: none was passed over
};
/// The first of these files that can be read, else the analytical model. Throws nothing.
ChosenModel choose_model(const Target& target);

}  // namespace heddle
