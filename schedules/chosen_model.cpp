// schedules/chosen_model.cpp -- the files where a learned model may lie, in turn.
#include "schedules/chosen_model.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "runtime/error.h"
#include "runtime/shipped_folder.h"
#include "schedules/learned_model.h"
#include "schedules/record.h"

namespace heddle {
namespace {

const char* file_name(TargetKind kind) { return kind == TargetKind::host ? "host.model.json" : "cuda.model.json"; }

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file || file.bad()) throw UserError(path.string() + " cannot be read");
    return text;
}

}  // namespace

std::filesystem::path own_model_path(const std::filesystem::path& database, TargetKind kind) {
    return database.parent_path() / fmt::format("{}.{}", database.stem().string(), file_name(kind));
}

std::vector<std::filesystem::path> model_paths(TargetKind kind) {
    std::vector<std::filesystem::path> paths;
    try {
        paths.push_back(own_model_path(Database::standard_path(), kind));
    } catch (const UserError&) {
        // Without a place for a database there is none for a model beside it.
    }
    if (const auto folder = shipped_folder()) paths.push_back(*folder / file_name(kind));
    return paths;
}

ChosenModel choose_model(const Target& target) {
    std::string problem;
    for (const std::filesystem::path& path : model_paths(target.kind)) {
        if (std::error_code ignored; !std::filesystem::exists(path, ignored)) continue;
        try {
            LearnedModel model = LearnedModel::parse(text_of(path), path.string(), target.kind);
            const ModelOrigin& origin = model.origin();
            std::string text = fmt::format("learned from {} schedules of {} problems ({}; {})", origin.samples,
                                           origin.groups, path.string(), origin.versions);
            return {learned_model(target, std::move(model)), std::move(text), problem};
        } catch (const UserError& error) {
            if (problem.empty()) problem = error.message();
        }
    }
    return {analytical_model(target),
            problem.empty() ? "analytical: there is no learned one" : "analytical: " + problem, problem};
}

}  // namespace heddle
