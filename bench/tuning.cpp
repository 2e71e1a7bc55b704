// bench/tuning.cpp -- curves of searches, their schedules timed beside the best known.
#include "bench/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "bench/results_file.h"
#include "codegen/provenance.h"
#include "codegen/tune.h"
#include "runtime/text.h"
#include "support/progress.h"
#include "tools/json_text.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

constexpr double close_enough = 0.95;
constexpr int final_turns = 5;

/// The best schedule when each mark was passed; empty before the first trial.
struct Curve {
    std::vector<std::string> best;
    TuningResult result;
};

Curve search(const tools::Problem& problem, const Target& target, const NamedBuffers& inputs,
             const TuningCurveOptions& given, double seconds, std::uint64_t seed) {
    Curve curve;
    curve.best.resize(given.marks.size());
    support::Progress progress(problem.title);
    TuningOptions options;
    options.seconds = seconds;
    options.search = given.search;
    options.seed = seed;
    double fastest = std::numeric_limits<double>::infinity();
    options.progress = [&](const TuningProgress& now) {
        progress.show(std::min(now.elapsed / seconds, 1.0), fmt::format("{} trials", now.trials));
        if (now.last.status != TrialStatus::measured || now.last.seconds >= fastest) return;
        fastest = now.last.seconds;
        for (std::size_t i = 0; i < given.marks.size(); ++i)
            if (now.elapsed <= given.marks[i] || i + 1 == given.marks.size()) curve.best[i] = now.last.schedule;
    };
    curve.result = tune(problem.pipeline, target, inputs, options);
    if (curve.result.best) curve.best.back() = curve.result.best->schedule;  // after the finals
    return curve;
}

/// Medians of all schedules, timed in turns.
std::map<std::string, double> race(const tools::Problem& problem, const Target& target, const NamedBuffers& inputs,
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
    const Measure measure = measure_in_workers(make_tuning_job(problem.pipeline, target, inputs, 1));
    for (int turn = 0; turn < final_turns; ++turn) measure(request);
    std::map<std::string, double> medians;
    for (auto& [text, list] : seconds) {
        std::sort(list.begin(), list.end());
        medians[text] = list[list.size() / 2];
    }
    return medians;
}

}  // namespace

void run_tuning_curves(const TuningCurveOptions& options) {
    const ResultsFile results(options.json);
    const Target target = Target::parse(options.target);
    std::string head = fmt::format("{:24} {:>10}", "", "best known");
    for (const double mark : options.marks) head += fmt::format(" {:>7}", format_seconds(mark));
    fmt::print("{}  trials\n", head);
    std::vector<Json> rows;
    int close = 0;
    for (const Layer& layer : options.layers) {
        const tools::Problem problem = problem_of(layer, options.layout);
        const NamedBuffers inputs = tools::make_inputs(problem, 1);
        const Curve curve = search(problem, target, inputs, options, options.marks.back(), 1);
        const Curve reference = search(problem, target, inputs, options, options.long_seconds, 2);
        std::vector<std::string> all = curve.best;
        all.push_back(reference.best.back());
        const std::map<std::string, double> seconds = race(problem, target, inputs, all);
        double best = std::numeric_limits<double>::infinity();
        for (const auto& [text, time] : seconds) best = std::min(best, time);
        std::vector<Json> shares;
        std::string row = fmt::format("{:24} {:>10}", layer.name, format_seconds(best));
        for (const std::string& text : curve.best) {
            const auto found = seconds.find(text);
            const double share = found == seconds.end() ? 0 : best / found->second;
            row += fmt::format(" {:>6.0f}%", 100 * share);
            shares.push_back(share);
            if (shares.size() == options.marks.size() && share >= close_enough) ++close;
        }
        fmt::print("{}  {} and {}\n", row, curve.result.trials, reference.result.trials);
        std::fflush(stdout);
        rows.push_back(JsonObject()
                           .add("layer", layer.name)
                           .add("best_seconds", best)
                           .add("shares", shares)
                           .add("trials", curve.result.trials)
                           .add("trials_of_long_search", reference.result.trials)
                           .add("schedule", curve.best.back())
                           .add("best_known", reference.best.back()));
    }
    fmt::print("{} of {} within {:.0f}% after {}; the best known by {} of search\n", close, options.layers.size(),
               100 * (1 - close_enough), format_seconds(options.marks.back()), format_seconds(options.long_seconds));
    std::vector<Json> marks(options.marks.begin(), options.marks.end());
    results.write(JsonObject()
                      .add("target", target.text())
                      .add("versions", provenance(target))
                      .add("search", options.search)
                      .add("seconds", marks)
                      .add("layers", rows));
}

}  // namespace heddle::bench
