// tools/bench.cpp -- heddle bench: schedules of one operator, and forms of its scatters, timed in turns.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "codegen/compile.h"
#include "codegen/provenance.h"
#include "runtime/text.h"
#include "schedules/lookup.h"
#include "schedules/scatter_schedule.h"
#include "support/progress.h"
#include "tools/bound_kernel.h"
#include "tools/json_text.h"
#include "tools/measure.h"
#include "tools/problem.h"
#include "tools/subcommands.h"
#include "tools/suite.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

constexpr int rounds = 5;
constexpr double long_call = 2;  // seconds: timed once

struct Contestant {
    std::string name;
    Pipeline pipeline;
    Schedule schedule;
    NamedBuffers outputs = {};
    std::optional<BoundKernel> kernel = {};
    std::vector<double> seconds = {};  ///< a call, a median a round
    double error = 0;                  ///< relative, against the first
    std::string refusal = {};
};

std::optional<FoundSchedule> recorded(const Problem& problem, const Target& target) {
    const FoundSchedule found = find_schedule(problem.pipeline, target, provenance(target));
    if (!found.lookup.record) return {};
    return found;
}

std::vector<Contestant> contestants_of(const CommandLine& line, const Problem& problem, const Target& target) {
    const std::vector<std::string> scatters = scatters_of(problem.written);
    std::vector<Contestant> all = {{scatters.empty() ? "default" : "gather, default", problem.pipeline,
                                    default_schedule(problem.pipeline, target)}};
    if (!scatters_of(problem.pipeline).empty()) all[0].name = "default";
    if (const auto tuned = recorded(problem, target))
        all.push_back({tuned->lookup.how == MatchKind::exact ? "tuned" : tuned->lookup.text(), problem.pipeline,
                       tuned->schedule});
    for (const std::string& text : line.texts("--schedule"))
        all.push_back({"given", problem.pipeline, parse_schedule(text)});
    if (scatters.empty()) return all;
    for (const ScatterForm form : {ScatterForm::atomic, ScatterForm::sorted, ScatterForm::serial}) {
        Contestant one{fmt::format("scatter, {}", name_of(form)), problem.written, {}};
        try {
            one.schedule = scatter_schedule(problem.written, target, form);
        } catch (const UserError& error) {
            one.refusal = error.message();
        }
        all.push_back(std::move(one));
    }
    return all;
}

void prepare(Contestant& one, const Problem& problem, const NamedBuffers& inputs, const Target& target) {
    if (!one.refusal.empty()) return;
    try {
        CompileOptions options;
        options.schedule = one.schedule;
        one.outputs = make_outputs(problem, inputs);
        for (const auto& [name, buffer] : one.outputs) buffer.poison();
        one.kernel.emplace(compile(one.pipeline, target, options), inputs, one.outputs);
    } catch (const UserError& error) {
        one.refusal = error.message();
    }
}

/// Turns, so that a drift of the machine meets all of them.
void measure(std::vector<Contestant>& all, double seconds) {
    support::Progress progress("bench");
    TimingOptions options;
    options.seconds = seconds / (rounds * static_cast<double>(all.size()));
    options.give_up_after = long_call;
    for (int round = 0; round < rounds; ++round)
        for (Contestant& one : all) {
            if (!one.kernel || (!one.seconds.empty() && one.seconds[0] > long_call)) continue;
            one.seconds.push_back(time_calls([&] { (*one.kernel)(); }, options).median);
            progress.show((round + 1.0) / rounds, one.name);
        }
}

void compare_results(std::vector<Contestant>& all) {
    for (Contestant& one : all) {
        if (!one.kernel) continue;
        one.kernel->fetch();
        for (const auto& [name, buffer] : one.outputs)
            one.error = std::max(one.error, compare(buffer, all[0].outputs.at(name)).relative_l2);
    }
}

int bench_one(const CommandLine& line, const SuitePlace& = {}) {
    const Problem problem = make_problem(line);
    const Target target = target_of(line);
    const NamedBuffers inputs = make_inputs(problem, static_cast<std::uint64_t>(line.integer("--seed", 1, 0)));
    std::vector<Contestant> all = contestants_of(line, problem, target);
    for (Contestant& one : all) prepare(one, problem, inputs, target);
    if (!all[0].refusal.empty()) throw UserError(all[0].refusal);
    measure(all, line.seconds("--time", 2));
    compare_results(all);

    const bool sized = problem.pipeline.parameters.empty();
    const Cost cost = sized ? cost_of(problem.written) : Cost{};
    const double tolerance = 10 * tolerance_of(problem.written, problem.written.outputs[0].type());
    const double base = timing_of(all[0].seconds).median;
    bool right = true;
    std::vector<Json> rows;
    if (!line.has("--json"))
        fmt::print("{} on {}\n{:>10} {:>10} {:>7} {:>9} {:>8}\n", coloured(Colour::bold, problem.title), target.text(),
                   "a call", "spread", "x first", "GFLOP/s", "GB/s");
    for (const Contestant& one : all) {
        const Timing time = timing_of(one.seconds);
        const bool wrong = one.kernel && !(one.error <= tolerance);
        right = right && !wrong;
        if (line.has("--json")) {
            JsonObject row;
            row.add("name", one.name).add("schedule", print(one.schedule));
            if (one.kernel) row.add("seconds", time.median).add("spread", time.spread).add("error", one.error);
            if (!one.refusal.empty()) row.add("refused", one.refusal);
            rows.push_back(row);
        } else if (!one.kernel) {
            fmt::print("{:>48}  {}: {}\n", "refused", one.name, one.refusal);
        } else {
            fmt::print("{:>10} {:>10} {:>7.2f} {:>9.1f} {:>8.1f}  {}{}\n", format_seconds(time.median),
                       format_seconds(time.spread), base / time.median, cost.operations / time.median * 1e-9,
                       (cost.input_bytes + cost.output_bytes) / time.median * 1e-9, one.name,
                       wrong ? coloured(Colour::red, fmt::format("  WRONG: relative error {:.1e}", one.error)) : "");
        }
    }
    if (line.has("--json"))
        fmt::print("{}\n",
                   JsonObject().add("operator", problem.title).add("target", target.text()).add("rows", rows).text());
    return right ? 0 : 1;
}

int run(const CommandLine& line) {
    return line.has("--suite") ? run_suite(line, bench_subcommand(), bench_one) : bench_one(line);
}

}  // namespace

Subcommand bench_subcommand() {
    std::vector<OptionRow> options = problem_options();
    for (const OptionRow& row : suite_options()) options.push_back(row);
    options.insert(options.end(), {{"--time", "TIME", "to spend on all rows together (2s)"},
                                   {"--seed", "N", "of the random data for inputs without a file (1)"},
                                   {"--json", "", "one JSON object, for other programs"}});
    return {
        "bench",
        "times the default schedule beside the tuned one, those given, and forms of scatters",
        "bench OPERATOR tensor=... parameter=... [--schedule TEXT]... | bench -e TEXT tensor=...",
        options,
        {"heddle bench conv_transpose2d x=f32:8x64x28x28 w=f32:64x32x4x4 stride=2 padding=1",
         "heddle bench softmax x=f32:4096x1000 --grad x --saved all",
         "heddle bench --suite bench/layers/host.json --grad all",
         "heddle bench -e \"u: f32[5000,64]; u[index(t[n],5000),c] += g[n,c]\" t=i32:20000 g=f32:20000x64", "",
         "rows are timed in turns and compared with the first; status 1 when one gives something else.",
         "Of a scatter: as a gather without atomics, with atomics, its points sorted by element, one after the other"},
        run};
}

}  // namespace heddle::tools
