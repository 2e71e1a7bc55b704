// bench/tuning.cpp -- curves of searches, their schedules timed beside the best known.
#include "bench/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "bench/results_file.h"
#include "codegen/provenance.h"
#include "runtime/text.h"
#include "schedules/tuning_space.h"
#include "tools/json_text.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

constexpr double close_enough = 0.95;

/// "82 trials, 4.4 a second: 31% compiling, 62% timing, 6% choosing".
std::string effort(const TuningResult& result) {
    const auto share = [&](double seconds) { return 100 * seconds / result.seconds; };
    return fmt::format("{} trials, {:.1f} a second: {:.0f}% compiling, {:.0f}% timing, {:.0f}% choosing", result.trials,
                       result.trials / result.seconds, share(result.spent.compiling), share(result.spent.timing),
                       share(result.choosing));
}

}  // namespace

void run_tuning_curves(const TuningCurveOptions& options) {
    const ResultsFile results(options.json);
    const Target target = Target::parse(options.target);
    std::string head = fmt::format("{:20} {:>10} {:>7}", "", "best known", "default");
    for (const double mark : options.marks) head += fmt::format(" {:>7}", format_seconds(mark));
    fmt::print("{}\n", head);
    std::vector<Json> rows;
    int close = 0;
    for (const SearchLayer& layer : options.layers) {
        const NamedBuffers inputs = tools::make_inputs(layer.problem, 1);
        TuningOptions tuning;
        tuning.search = options.search;
        tuning.seconds = options.marks.back();
        const SearchCourse course = search_on(layer, target, inputs, tuning);
        tuning.seconds = options.long_seconds;
        tuning.seed = 2;
        const SearchCourse reference = search_on(layer, target, inputs, tuning);

        std::vector<std::string> noted = {print(default_schedule(layer.problem.pipeline, target))};
        for (const double mark : options.marks) noted.push_back(course.best_at(mark));
        noted.back() = course.best();
        std::vector<std::string> all = noted;
        all.push_back(reference.best());
        const std::map<std::string, double> seconds = race(layer, target, inputs, all);
        double best = std::numeric_limits<double>::infinity();
        for (const auto& [text, time] : seconds) best = std::min(best, time);
        std::vector<Json> shares;
        std::string row = fmt::format("{:20} {:>10}", layer.name, format_seconds(best));
        for (const std::string& text : noted) {
            const auto found = seconds.find(text);
            const double share = found == seconds.end() ? 0 : best / found->second;
            row += fmt::format(" {:>6.0f}%", 100 * share);
            shares.push_back(share);
            if (shares.size() == noted.size() && share >= close_enough) ++close;
        }
        fmt::print("{}  {}\n", row, effort(course.result));
        std::fflush(stdout);
        rows.push_back(JsonObject()
                           .add("layer", layer.name)
                           .add("best_seconds", best)
                           .add("shares", shares)
                           .add("trials", course.result.trials)
                           .add("trials_of_long_search", reference.result.trials)
                           .add("schedule", course.best())
                           .add("best_known", reference.best()));
    }
    fmt::print("{} of {} within {:.0f}% after {}; the best known by {} of search\n", close, options.layers.size(),
               100 * (1 - close_enough), format_seconds(options.marks.back()), format_seconds(options.long_seconds));
    std::vector<Json> marks = {"default"};
    marks.insert(marks.end(), options.marks.begin(), options.marks.end());
    results.write(JsonObject()
                      .add("target", target.text())
                      .add("versions", provenance(target))
                      .add("search", options.search)
                      .add("seconds", marks)
                      .add("layers", rows));
}

}  // namespace heddle::bench
