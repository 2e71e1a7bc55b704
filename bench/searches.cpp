// bench/searches.cpp -- the tuner with its improvements noted.
#include "bench/searches.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "bench/layer_tables.h"
#include "runtime/text.h"
#include "support/progress.h"
#include "tools/json_fields.h"
#include "tools/suite.h"

namespace heddle::bench {
namespace {

constexpr int turns = 7;

std::string_view built_in_table() {
    for (const LayerTable& table : layer_tables())
        if (table.name == "tuning") return table.text;
    throw InternalError("the program has no table of layers to tune");
}

}  // namespace

std::vector<SearchLayer> search_layers(const std::filesystem::path& file, const std::vector<std::string>& names) {
    const tools::Subcommand subcommand{"tuning", "", "", tools::suite_options(), {}, nullptr};
    const tools::CommandLine line(subcommand, {});
    const std::vector<tools::SuiteEntry> entries =
        file.empty() ? tools::parse_suite(built_in_table(), "bench/layers/tuning.json", line)
                     : tools::read_suite(file.string(), line);
    std::vector<std::string> known;
    for (const tools::SuiteEntry& entry : entries) known.push_back(entry.title);
    std::vector<SearchLayer> layers;
    for (const std::string& name : names.empty() ? known : names) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end())
            throw UserError(fmt::format("there is no layer '{}'{}; there are {}", name, did_you_mean(name, known),
                                        join(known, ", ")));
        layers.push_back(
            {name, tools::make_problem(entries[static_cast<std::size_t>(found - known.begin())].arguments)});
    }
    return layers;
}

std::string SearchCourse::best_at(double elapsed) const {
    std::string best;
    for (const SearchStep& step : steps)
        if (step.elapsed <= elapsed) best = step.schedule;
    return best;
}

SearchCourse search_on(const SearchLayer& layer, const Target& target, const NamedBuffers& inputs,
                       TuningOptions options, Database* database) {
    SearchCourse course;
    support::Progress progress(layer.name);
    double fastest = std::numeric_limits<double>::infinity();
    options.progress = [&](const TuningProgress& now) {
        progress.show(std::min(now.elapsed / options.seconds, 1.0), fmt::format("{} trials", now.trials));
        if (now.last.status != TrialStatus::measured || now.last.seconds >= fastest) return;
        fastest = now.last.seconds;
        course.steps.push_back({now.trials, now.elapsed, fastest, now.last.schedule});
    };
    course.result = tune(layer.problem.pipeline, target, inputs, options, {}, database);
    return course;
}

std::map<std::string, double> race(const SearchLayer& layer, const Target& target, const NamedBuffers& inputs,
                                   const std::vector<std::string>& schedules) {
    std::map<std::string, std::vector<double>> seconds;
    std::vector<std::string> texts;
    MeasureRequest request;
    for (const std::string& text : schedules)
        if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) {
            texts.push_back(text);
            request.schedules.push_back(parse_schedule(text));
        }
    request.done = [&](std::size_t i, const Measurement& m) {
        if (m.status == TrialStatus::measured) seconds[texts[i]].push_back(m.seconds);
    };
    const Measure measure = measure_in_workers(make_tuning_job(layer.problem.pipeline, target, inputs, 1));
    for (int turn = 0; turn < turns; ++turn) measure(request);
    std::map<std::string, double> medians;
    for (auto& [text, list] : seconds) {
        std::sort(list.begin(), list.end());
        medians[text] = list[list.size() / 2];
    }
    return medians;
}

}  // namespace heddle::bench
