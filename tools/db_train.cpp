// tools/db_train.cpp -- heddle db train: a cost model that learns from what was measured.
#include <fmt/format.h>

#include <fstream>

#include "runtime/error.h"
#include "schedules/chosen_model.h"
#include "schedules/training_samples.h"
#include "tools/database_key.h"
#include "tools/db_actions.h"
#include "tools/problem.h"

namespace heddle::tools {
namespace {

constexpr std::size_t shown_of_a_problem = 60;

/// The database of this call, and those that are named.
std::vector<Database> databases_of(const CommandLine& line) {
    std::vector<Database> databases;
    if (line.words().empty() || line.has("--db")) databases.push_back(open_database(line));
    for (const std::string& name : line.words()) {
        if (std::error_code ignored; !std::filesystem::exists(name, ignored))
            throw UserError(fmt::format("there is no database {}", name));
        databases.emplace_back(name);
    }
    return databases;
}

void print_held_back(const TrainingSamples& training, const ModelOrigin& origin) {
    double analytical = 0, learned = 0;
    const std::vector<HeldBack> problems = hold_back_each(training.samples, origin);
    fmt::print("each problem held back in turn, rank correlation of the learned (and of the analytical) model:\n");
    for (const HeldBack& problem : problems) {
        const KeySummary& summary = training.keys_of_groups.at(problem.group);
        fmt::print(
            "  {} {:4} schedules {:5.2f} ({:5.2f})  {}\n", short_name(summary.key), problem.samples, problem.learned,
            problem.analytical,
            one_line(summary.definition.empty() ? summary.key.pipeline : summary.definition, shown_of_a_problem));
        analytical += problem.analytical / static_cast<double>(problems.size());
        learned += problem.learned / static_cast<double>(problems.size());
    }
    if (problems.empty())
        fmt::print("  no problem has enough schedules\n");
    else
        fmt::print("in the mean of {}: {:.2f} ({:.2f})\n", problems.size(), learned, analytical);
}

/// Beside its place, then renamed: who reads meanwhile sees the old one.
void write_file(const std::filesystem::path& path, const std::string& text) {
    const std::filesystem::path part = path.string() + ".part";
    std::ofstream file(part, std::ios::binary);
    file << text;
    file.close();
    std::error_code failed;
    if (file) std::filesystem::rename(part, path, failed);
    if (file && !failed) return;
    std::filesystem::remove(part, failed);
    throw UserError(fmt::format("{} cannot be written", path.string()));
}

/// The samples with short names for their groups.
std::vector<CostSample> named_by_keys(const TrainingSamples& training) {
    std::vector<CostSample> samples = training.samples;
    for (CostSample& sample : samples) sample.group = short_name(training.keys_of_groups.at(sample.group).key);
    return samples;
}

int train(const CommandLine& line) {
    const std::vector<Database> databases = databases_of(line);
    const TargetKind kind = Target::parse(line.text("--target").value_or("host")).kind;
    std::vector<const Database*> pointers;
    for (const Database& database : databases) pointers.push_back(&database);
    const TrainingSamples training = training_samples(pointers, kind);
    const ModelOrigin origin{kind, training.versions};
    const std::filesystem::path path =
        line.has("-o") ? std::filesystem::path(*line.text("-o")) : own_model_path(database_path(line), kind);
    if (line.has("--terms")) write_file(*line.text("--terms"), table_of(named_by_keys(training)));
    const std::string text = train_cost_model(training.samples, origin);
    const ModelOrigin made = LearnedModel::parse(text, path.string(), kind).origin();
    if (line.has("--held-back")) print_held_back(training, origin);
    write_file(path, text + "\n");
    fmt::print("learned from {} schedules of {} problems: {}\n", made.samples, made.groups, path.string());
    if (training.unreadable > 0)
        fmt::print("{} records are of definitions or schedules that this version does not take\n", training.unreadable);
    return 0;
}

}  // namespace

Subcommand training_action() {
    return {"db train",
            "trains a cost model on the measured schedules, for later searches",
            "db train [--target host|cuda] [-o FILE] [FILE.db...]",
            {{"--target", "TARGET", "for the schedules of hosts (default) or of CUDA devices: host or cuda"},
             {"--held-back", "", "also say how well it orders the schedules of problems that it has not seen"},
             {"--terms", "FILE", "also write what the analytical model works out of each schedule, as CSV"},
             {"-o", "FILE", "where to write (beside the database: tuning.host.model.json)"},
             database_option()},
            {"heddle db train --held-back", "heddle db train --target cuda lab.db home.db -o cuda.model.json", "",
             "'heddle tune' then ranks candidates by it; without, by the analytical model. XGBoost trains it",
             "(libxgboost-dev), and is not needed to use it"},
            train,
            {}};
}

}  // namespace heddle::tools
