// tools/tune.cpp -- heddle tune: searches for a good schedule and records every trial.
#include <fmt/format.h>

#include "runtime/text.h"
#include "schedules/tuner.h"
#include "tools/interrupt.h"
#include "tools/json_text.h"
#include "tools/problem.h"
#include "tools/subcommands.h"
#include "tools/suite.h"
#include "tools/terminal.h"
#include "tools/tuning.h"

namespace heddle::tools {
namespace {

int run(const CommandLine& line) {
    if (line.has("--schedule"))
        throw UserError("heddle tune searches for a schedule; to time one, use heddle run --schedule \"...\"");
    const Problem problem = make_problem(line);
    TuningRequest request;
    request.seconds = line.seconds("--time", 20);
    request.trials = static_cast<int>(line.integer("--trials", 0, 1));
    request.seed = static_cast<std::uint64_t>(line.integer("--seed", 1, 0));
    if (line.has("--trials") && !line.has("--time")) request.seconds = 24 * 3600;
    const Target target = target_of(line);
    Database database(Database::standard_path());
    const TuningOutcome outcome = tune_with_progress(problem, target, request, database);
    const TuningResult& result = outcome.result;
    if (line.has("--json")) {
        JsonObject object;
        object.add("operator", problem.title)
            .add("target", target.text())
            .add("database", Database::standard_path().string())
            .add("trials", result.trials)
            .add("failures", result.failures)
            .add("seconds", result.seconds)
            .add("interrupted", result.interrupted);
        if (result.best) object.add("best_seconds", result.best->seconds).add("best_schedule", result.best->schedule);
        fmt::print("{}\n", object.text());
    } else {
        print_outcome(problem, outcome);
        if (result.best) fmt::print("  {}\n", result.best->schedule);
        fmt::print("  recorded in {}\n", Database::standard_path().string());
    }
    if (result.interrupted) return interrupted_status;
    return result.best ? 0 : 1;
}

int run_all(const CommandLine& line) {
    return line.has("--suite") ? run_suite(line, tune_subcommand(), run) : run(line);
}

}  // namespace

Subcommand tune_subcommand() {
    std::vector<OptionRow> options = problem_options();
    options.pop_back();
    for (const OptionRow& row : suite_options()) options.push_back(row);
    options.insert(options.end(), {{"--time", "TIME", "to search: 20s, 2m (20s; without end where --trials is given)"},
                                   {"--trials", "N", "at most this many candidates"},
                                   {"--seed", "N", "of the search and of the data (1)"},
                                   {"--json", "", "one JSON object, for other programs"}});
    return {"tune",
            "searches for a fast schedule and records it for later runs",
            "tune OPERATOR tensor=... parameter=... [--time 20s] [--trials N]",
            options,
            {"heddle tune conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1 --time 20s",
             "heddle run  conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1", "",
             "every trial is recorded as it happens, so Ctrl-C loses nothing and a second run goes on;",
             "HEDDLE_DB names the database ('heddle doctor' shows its place)"},
            run_all};
}

}  // namespace heddle::tools
