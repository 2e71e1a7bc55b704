// bench/transfer.cpp -- searches that start from nothing beside such that start from a near shape's record.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "bench/results_file.h"
#include "bench/tuning.h"
#include "codegen/provenance.h"
#include "runtime/temporary_folder.h"
#include "runtime/text.h"
#include "schedules/lookup.h"
#include "tools/json_text.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

constexpr double close_enough = 1.05;  ///< times the best

/// Trials until one was close to `best`; nothing: none was.
std::optional<int> trials_to(const SearchCourse& course, double best) {
    for (const SearchStep& step : course.steps)
        if (step.seconds <= close_enough * best) return step.trials;
    return {};
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::string text_of(const std::optional<int>& trials, const SearchCourse& course) {
    return trials ? std::to_string(*trials) : fmt::format("> {}", course.result.trials);
}

}  // namespace

void run_tuning_transfer(const TuningCurveOptions& options) {
    const ResultsFile results(options.json);
    const Target target = Target::parse(options.target);
    TuningOptions tuning;
    tuning.search = options.search;
    tuning.seconds = options.marks.back();
    std::vector<SearchCourse> scratch;
    for (const SearchLayer& layer : options.layers)
        scratch.push_back(search_on(layer, target, tools::make_inputs(layer.problem, 1), tuning));

    fmt::print("{:20} {:>8} {:>7}  {:>18} {:>8}\n", "", "distance", "regret", "trials, from none", "nearest");
    const TemporaryFolder folder;
    std::vector<double> regrets, saved;
    std::vector<Json> rows;
    for (std::size_t i = 0; i < options.layers.size(); ++i) {
        const SearchLayer& layer = options.layers[i];
        Database others(folder.path() / fmt::format("{}.db", i));
        for (std::size_t j = 0; j < scratch.size(); ++j)
            if (j != i && scratch[j].result.best) others.add(*scratch[j].result.best);
        const FoundSchedule nearest = find_schedule(others, layer.problem.pipeline, target, provenance(target));
        if (nearest.lookup.how != MatchKind::nearest) {
            fmt::print("{:20} no other layer is near\n", layer.name);
            continue;
        }
        const NamedBuffers inputs = tools::make_inputs(layer.problem, 1);
        tuning.seed = 2;
        const SearchCourse moved = search_on(layer, target, inputs, tuning, &others);
        const std::string as_it_is = print(nearest.schedule);
        const std::map<std::string, double> seconds =
            race(layer, target, inputs, {as_it_is, scratch[i].best(), moved.best()});
        double best = std::numeric_limits<double>::infinity();
        for (const auto& [text, time] : seconds) best = std::min(best, time);
        const auto found = seconds.find(as_it_is);
        const double regret =
            found == seconds.end() ? std::numeric_limits<double>::infinity() : found->second / best - 1;
        const auto before = trials_to(scratch[i], best), after = trials_to(moved, best);
        regrets.push_back(regret);
        saved.push_back(before.value_or(scratch[i].result.trials) - after.value_or(moved.result.trials));
        fmt::print("{:20} {:>8.2f} {:>6.0f}%  {:>18} {:>8}\n", layer.name, nearest.lookup.distance, 100 * regret,
                   text_of(before, scratch[i]), text_of(after, moved));
        std::fflush(stdout);
        rows.push_back(JsonObject()
                           .add("layer", layer.name)
                           .add("distance", nearest.lookup.distance)
                           .add("regret", regret)
                           .add("trials", text_of(before, scratch[i]))
                           .add("trials_from_nearest", text_of(after, moved)));
    }
    if (!regrets.empty())
        fmt::print("median regret {:.0f}%; to within 5% of the best, {:.0f} trials fewer in the median\n",
                   100 * median(regrets), median(saved));
    results.write(JsonObject().add("target", target.text()).add("versions", provenance(target)).add("layers", rows));
}

}  // namespace heddle::bench
