// tools/tuning.cpp -- the search, its progress bar and its result in words.
#include "tools/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "codegen/provenance.h"
#include "runtime/text.h"
#include "support/progress.h"
#include "tools/interrupt.h"
#include "tools/json_text.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

constexpr int shown_candidates = 8;

std::string speed_text(const Problem& problem, double seconds) {
    if (!std::isfinite(seconds) || seconds <= 0) return "none yet";
    if (!problem.pipeline.parameters.empty()) return format_seconds(seconds);
    const double operations = cost_of(problem.pipeline).operations;
    return fmt::format("{} ({:.1f} GFLOP/s)", format_seconds(seconds), operations / seconds * 1e-9);
}

/// "killed by signal 11 (Segmentation fault) x 3".
std::string most_often(const std::map<std::string, int>& failures) {
    const auto most = std::max_element(failures.begin(), failures.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == failures.end() ? "" : fmt::format("{} x {}", most->first.substr(0, 40), most->second);
}

}  // namespace

TuningOutcome tune_with_progress(const Problem& problem, const Target& target, const TuningRequest& request,
                                 Database& database) {
    const DeferInterrupt interrupt;
    support::Progress progress(request.place.title("tune"));
    progress.show_at_once();
    progress.show(request.place.done(0), "expected results by the oracle");

    TuningOutcome outcome;
    TuningOptions options = request.options;
    const std::string by_default = print(default_schedule(problem.pipeline, target));
    options.interrupted = [&] { return interrupt.pressed(); };
    options.progress = [&](const TuningProgress& now) {
        if (now.last.status != TrialStatus::measured) ++outcome.failures[now.last.reason];
        if (now.last.schedule == by_default) outcome.default_seconds = now.last.seconds;
        double done = now.elapsed / options.seconds;
        if (options.trials > 0) done = std::max(done, static_cast<double>(now.trials) / options.trials);
        std::string note = fmt::format("{} trials, {:.1f}/s, best {}", now.trials, now.trials / now.elapsed,
                                       speed_text(problem, now.best));
        if (now.failures > 0) note += fmt::format("; {} failed: {}", now.failures, most_often(outcome.failures));
        progress.show(request.place.done(std::min(done, 1.0)), note);
    };
    outcome.result =
        tune(problem.pipeline, target, make_inputs(problem, options.seed), options, request.workers, &database);
    progress.clear();
    for (const TuningRecord& record : database.all(TuningKey::of(problem.pipeline, target)))
        if (record.schedule == by_default && record.status == TrialStatus::measured &&
            record.versions == provenance(target))
            outcome.default_seconds = record.seconds;
    outcome.default_is_best = outcome.result.best && outcome.result.best->schedule == by_default;
    return outcome;
}

std::string dry_run(const Problem& problem, const Target& target, const TuningRequest& request,
                    const Database& database, bool json) {
    const TuningSpace space = tuning_space(problem.pipeline, target);
    const TuningOptions options =
        complete_options(problem.pipeline, target, request.options, request.workers, &database);
    const Prediction predict = prediction_of(problem.pipeline, target, space, options.predict);
    const auto search = make_search(options.search, space, options.seed, predict);
    std::vector<Json> knobs, candidates;
    std::string text =
        fmt::format("  {}: {} knobs, {:.4g} combinations\n", space.family, space.knobs.size(), space.size());
    for (const Knob& knob : space.knobs) {
        knobs.push_back(JsonObject().add("name", knob.name).add("choices", knob.choices));
        text += fmt::format("    {:20} {}\n", knob.name, join(knob.choices, "  "));
    }
    text += fmt::format("  first candidates of --search {}, with predicted times\n", options.search);
    for (int i = 0; i < shown_candidates; ++i) {
        const std::optional<Candidate> candidate = search->next();
        if (!candidate) break;
        const double seconds = predict(*candidate);
        const std::string schedule = print(space.schedule(*candidate));
        candidates.push_back(JsonObject().add("predicted_seconds", seconds).add("schedule", schedule));
        text += fmt::format("    {:>9}  {}\n", format_seconds(seconds), schedule);
    }
    if (!json) return text;
    return JsonObject()
               .add("operator", problem.title)
               .add("target", target.text())
               .add("family", space.family)
               .add("combinations", space.size())
               .add("knobs", knobs)
               .add("candidates", candidates)
               .text() +
           "\n";
}

void print_outcome(const Problem& problem, const TuningOutcome& outcome) {
    const TuningResult& result = outcome.result;
    fmt::print("  {} trials in {}{}", result.trials, format_seconds(result.seconds),
               result.interrupted ? ", interrupted"
               : result.exhausted ? ", nothing left worth a trial"
                                  : "");
    if (result.known > 0) fmt::print("; {} known from before", result.known);
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
