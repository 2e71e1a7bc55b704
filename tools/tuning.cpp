// tools/tuning.cpp -- the search, its progress bar and its result in words.
#include "tools/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "codegen/provenance.h"
#include "runtime/text.h"
#include "support/progress.h"
#include "tools/interrupt.h"
#include "tools/measure.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

std::string speed_text(const Problem& problem, double seconds) {
    if (!std::isfinite(seconds) || seconds <= 0) return "none yet";
    if (!problem.pipeline.parameters.empty()) return format_seconds(seconds);
    const double operations = cost_of(problem.pipeline).operations;
    return fmt::format("{} ({:.1f} GFLOP/s)", format_seconds(seconds), operations / seconds * 1e-9);
}

}  // namespace

TuningOutcome tune_with_progress(const Problem& problem, const Target& target, const TuningRequest& request,
                                 Database& database) {
    const DeferInterrupt interrupt;
    support::Progress progress("tune");
    progress.show_at_once();
    progress.show(0, "expected results by the oracle");
    const MeasuringJob job = make_measuring_job(problem, target, request.seed);

    TuningOutcome outcome;
    TuningOptions options;
    options.seconds = request.seconds;
    options.trials = request.trials;
    options.seed = request.seed;
    options.versions = provenance(target);
    options.interrupted = [&] { return interrupt.pressed(); };
    options.progress = [&](int trials, double elapsed, double best, const TuningRecord& last) {
        if (last.status != TrialStatus::measured) ++outcome.failures[last.reason];
        double done = elapsed / request.seconds;
        if (request.trials > 0) done = std::max(done, static_cast<double>(trials) / request.trials);
        progress.show(std::min(done, 1.0), fmt::format("{} trials, best {}", trials, speed_text(problem, best)));
    };
    const TuningSpace space = tuning_space(problem.pipeline, target);
    outcome.result = tune(problem.pipeline, target, space, measure_in_process(job), options, &database);
    progress.clear();
    const std::string by_default = print(default_schedule(problem.pipeline, target));
    for (const TuningRecord& record : database.all(TuningKey::of(problem.pipeline, target)))
        if (record.schedule == by_default && record.status == TrialStatus::measured)
            outcome.default_seconds = record.seconds;
    outcome.default_is_best = outcome.result.best && outcome.result.best->schedule == by_default;
    return outcome;
}

void print_outcome(const Problem& problem, const TuningOutcome& outcome) {
    const TuningResult& result = outcome.result;
    fmt::print("  {} trials in {}{}", result.trials, format_seconds(result.seconds),
               result.interrupted ? ", interrupted" : "");
    if (result.failures > 0) fmt::print("; {} failed", result.failures);
    fmt::print("\n");
    if (result.best) {
        fmt::print("  best {}", coloured(Colour::green, speed_text(problem, result.best->seconds)));
        if (outcome.default_is_best)
            fmt::print(": the default schedule");
        else if (outcome.default_seconds > 0)
            fmt::print("; the default {}", speed_text(problem, outcome.default_seconds));
        fmt::print("\n");
    } else {
        fmt::print("  no schedule could be measured\n");
    }
    std::vector<std::pair<int, std::string>> reasons;
    for (const auto& [reason, count] : outcome.failures) reasons.emplace_back(-count, reason);
    std::sort(reasons.begin(), reasons.end());
    for (std::size_t i = 0; i < std::min<std::size_t>(reasons.size(), 3); ++i)
        fmt::print("  {}\n",
                   coloured(Colour::grey, fmt::format("{} x {}", -reasons[i].first, reasons[i].second.substr(0, 160))));
}

}  // namespace heddle::tools
