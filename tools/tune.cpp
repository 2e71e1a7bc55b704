// tools/tune.cpp -- heddle tune: searches for a good schedule and records every trial.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "runtime/cuda_driver.h"
#include "runtime/text.h"
#include "tools/interrupt.h"
#include "tools/json_text.h"
#include "tools/problem.h"
#include "tools/subcommands.h"
#include "tools/suite.h"
#include "tools/terminal.h"
#include "tools/tuning.h"

namespace heddle::tools {
namespace {

/// "0,1,3".
std::vector<int> devices_of(const CommandLine& line, const Target& target) {
    const std::optional<std::string> text = line.text("--devices");
    if (!text) return {};
    if (target.kind != TargetKind::cuda)
        throw UserError(fmt::format("--devices names CUDA devices, and the target is {}", target.text()));
    const int count = static_cast<int>(cuda_devices().size());
    std::vector<int> devices;
    std::istringstream list(*text);
    for (std::string word; std::getline(list, word, ',');) {
        int device = -1;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), device);
        if (error != std::errc() || end != word.data() + word.size() || device < 0 || device >= count)
            throw UserError(fmt::format(
                "--devices takes indices of CUDA devices, as 0,1, not '{}': this machine has {}", *text, count));
        devices.push_back(device);
    }
    return devices;
}

int run(const CommandLine& line, const SuitePlace& place) {
    if (line.has("--schedule"))
        throw UserError("heddle tune searches for a schedule; to time one, use heddle run --schedule \"...\"");
    const Problem problem = make_problem(line);
    const Target target = target_of(line);
    TuningRequest request;
    TuningOptions& options = request.options;
    options.seconds = line.seconds("--time", options.seconds);
    if (line.has("--total")) {
        if (!place.clock || line.has("--time"))
            throw UserError("--total is for all layers of a suite together: give it with --suite, and without --time");
        options.seconds = place.clock->share_of(line.seconds("--total", 0), place.count - place.index);
    }
    const Timer whole;
    options.trials = static_cast<int>(line.integer("--trials", 0, 1));
    if (line.has("--trials") && !line.has("--time") && !line.has("--total")) options.seconds = 24 * 3600;
    options.seed = static_cast<std::uint64_t>(line.integer("--seed", 1, 0));
    options.search = line.text("--search").value_or(options.search);
    options.resume = line.has("--resume");
    request.workers.devices = devices_of(line, target);
    request.workers.workers = static_cast<int>(line.integer("--workers", 0, 1));
    request.workers.program = "/proc/self/exe";
    request.place = place;
    Database database(Database::standard_path());
    if (line.has("--dry-run")) {
        fmt::print("{}", dry_run(problem, target, request, database, line.has("--json")));
        return 0;
    }
    const TuningOutcome outcome = tune_with_progress(problem, target, request, database);
    const TuningResult& result = outcome.result;
    if (place.clock) place.clock->beside = std::max(0.0, whole.seconds() - options.seconds);
    if (line.has("--json")) {
        JsonObject object;
        object.add("operator", problem.title)
            .add("target", target.text())
            .add("database", Database::standard_path().string())
            .add("trials", result.trials)
            .add("failures", result.failures)
            .add("seconds", result.seconds)
            .add("known", result.known)
            .add("interrupted", result.interrupted)
            .add("exhausted", result.exhausted);
        std::vector<Json> reasons;
        for (const auto& [reason, count] : outcome.failures)
            reasons.push_back(JsonObject().add("reason", reason).add("count", count));
        object.add("reasons", reasons);
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
    return line.has("--suite") ? run_suite(line, tune_subcommand(), run) : run(line, {});
}

}  // namespace

Subcommand tune_subcommand() {
    std::vector<OptionRow> options = problem_options();
    options.pop_back();
    for (const OptionRow& row : suite_options()) options.push_back(row);
    options.insert(options.end(), {{"--time", "TIME", "to search: 20s, 2m (20s; without end where --trials is given)"},
                                   {"--total", "TIME", "to search in all layers of a suite together: 10m"},
                                   {"--trials", "N", "at most this many candidates"},
                                   {"--search", "NAME", "evolution, guided by a cost model (default), or random"},
                                   {"--resume", "", "go on: what is recorded counts as tried"},
                                   {"--dry-run", "", "show the choices and the first candidates, measure nothing"},
                                   {"--devices", "LIST", "CUDA devices to measure on: 0,1 (0)"},
                                   {"--workers", "N", "processes to compile and measure in (one a CPU)"},
                                   {"--seed", "N", "of the search and of the data (1)"},
                                   {"--json", "", "one JSON object, for other programs"}});
    return {"tune",
            "searches for a fast schedule and records it for later runs",
            "tune OPERATOR tensor=... parameter=... [--time 20s] [--trials N]",
            options,
            {"heddle tune conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1 --time 20s",
             "heddle run  conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1", "",
             "heddle tune softmax x=f32:4096x1000 --grad x --dry-run", "",
             "every trial is recorded as it happens, so Ctrl-C loses nothing, and --resume goes on; candidates run in",
             "processes of their own: one that crashes, hangs or is wrong is recorded with the reason and left behind;",
             "HEDDLE_DB names the database ('heddle doctor' shows its place)"},
            run_all};
}

}  // namespace heddle::tools
