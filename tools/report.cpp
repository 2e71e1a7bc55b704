// tools/report.cpp -- heddle report: what was tuned, as one page of HTML.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "codegen/cuda_plan.h"
#include "codegen/emit_llvm.h"
#include "codegen/make_plan.h"
#include "codegen/provenance.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "runtime/cpu_info.h"
#include "runtime/text.h"
#include "schedules/cost_device.h"
#include "schedules/lookup.h"
#include "schedules/loop_nest.h"
#include "tools/database_key.h"
#include "tools/db_actions.h"
#include "tools/knob_importance.h"
#include "tools/loop_links.h"
#include "tools/peer_results.h"
#include "tools/problem.h"
#include "tools/report_page.h"
#include "tools/roofline_chart.h"
#include "tools/subcommands.h"

namespace heddle::tools {
namespace {

using nlohmann::json;

constexpr std::size_t most_lines = 4000;  ///< of generated code in the page

/// One key of the database with what can be said of it here.
struct Reported {
    KeySummary summary;
    std::vector<TuningRecord> trials;
    int best = -1;  ///< index into trials
    std::string versions;
    std::optional<Pipeline> pipeline;  ///< with the names that schedules use
    std::optional<Target> target;
};

Reported reported(const Database& database, KeySummary summary) {
    Reported key;
    key.trials = database.all(summary.key);
    try {
        key.target = Target::parse(summary.key.target);
        key.versions = provenance(*key.target);
        key.pipeline = parse_pipeline(summary.definition.empty() ? summary.key.pipeline : summary.definition);
    } catch (const UserError&) {
        // Of another version: its trials are shown, its code is not.
    }
    if (const auto best = database.best(summary.key, key.versions))
        for (std::size_t i = 0; i < key.trials.size(); ++i)
            if (key.trials[i].schedule == best->schedule && key.trials[i].time == best->time &&
                key.trials[i].seconds == best->seconds)
                key.best = static_cast<int>(i);
    key.summary = std::move(summary);
    return key;
}

std::optional<Cost> cost_of_key(const Reported& key) {
    if (!key.pipeline || !key.pipeline->parameters.empty()) return {};
    const Cost cost = cost_of(*key.pipeline);
    return cost.operations > 0 ? std::optional(cost) : std::nullopt;
}

/// The kernels' own text, without the helpers before the first of them.
std::string kernel_text(const std::vector<CudaSource>& sources) {
    std::string text;
    for (const CudaSource& source : sources) {
        const std::size_t kernel = source.text.find("extern \"C\" __global__");
        text += source.text.substr(kernel == std::string::npos ? 0 : kernel) + "\n";
    }
    return text;
}

json code_of(const Reported& key) {
    if (key.best < 0 || !key.pipeline || !key.target) return nullptr;
    try {
        const Schedule schedule = schedule_of(key.trials[static_cast<std::size_t>(key.best)], *key.pipeline);
        const std::string nest = print(scheduled_nest(*key.pipeline, schedule, *key.target));
        const LoweredPlan plan = make_plan(*key.pipeline, schedule, *key.target, LowerOptions{});
        const bool cuda = key.target->kind == TargetKind::cuda;
        const std::string text = cuda ? kernel_text(cuda_sources(plan, schedule))
                                      : emit_host_text(host_inputs(plan), *key.target, HostText::annotated_assembly);
        const LinkedCode linked = link_loops(nest, text, cuda ? CodeLanguage::cuda : CodeLanguage::assembly);
        json code = {{"language", cuda ? "CUDA C++" : "assembly"},
                     {"note", ""},
                     {"nest", json::array()},
                     {"lines", json::array()}};
        for (const LinkedCode::NestLine& line : linked.nest)
            code["nest"].push_back({{"text", line.text}, {"loops", line.loops}, {"around", line.around}});
        for (const LinkedLine& line : linked.code) {
            if (code["lines"].size() == most_lines) {
                code["note"] = fmt::format("the first {} of {} lines", most_lines, linked.code.size());
                break;
            }
            code["lines"].push_back({line.text, line.loop});
        }
        return code;
    } catch (const UserError&) {
        return nullptr;  // a schedule of another version, or names that the database does not hold
    }
}

json json_of(const Reported& key) {
    json trials = json::array(), knobs = json::array();
    for (const TuningRecord& trial : key.trials)
        trials.push_back({{"seconds", trial.seconds},
                          {"spread", trial.spread},
                          {"status", name_of(trial.status)},
                          {"reason", trial.reason},
                          {"schedule", trial.schedule},
                          {"time", trial.time},
                          {"versions", trial.versions}});
    for (const KnobImportance& knob : knob_importance(key.trials))
        knobs.push_back({{"knob", knob.knob}, {"share", knob.share}, {"best", knob.best}, {"values", knob.values}});
    std::string speed;
    if (const auto cost = cost_of_key(key); cost && key.best >= 0)
        speed = format_count(cost->operations / key.trials[static_cast<std::size_t>(key.best)].seconds) +
                "operations a second";
    return {{"key", short_name(key.summary.key)},
            {"name", key.pipeline ? key.pipeline->outputs[0].name() : short_name(key.summary.key)},
            {"target", key.summary.key.target},
            {"definition", key.summary.definition.empty() ? key.summary.key.pipeline : key.summary.definition},
            {"versions", key.versions},
            {"trials", std::move(trials)},
            {"best", key.best},
            {"speed", speed},
            {"knobs", std::move(knobs)},
            {"code", code_of(key)}};
}

void add_ceilings(RooflineChart& chart, const Target& target) {
    if (target.kind == TargetKind::host) {
        const double rate = measure_fma_peak(target.threads);
        chart.memory_rate = measure_copy_bandwidth(target.threads);
        chart.ceilings = {{fmt::format("f32 {:.0f} GFLOP/s", rate * 1e-9), rate, "#1f77b4"}};
        chart.memory_label = fmt::format("copy {:.0f} GB/s, measured here", chart.memory_rate * 1e-9);
        return;
    }
    const DeviceRates rates = device_rates(target.compute_capability);
    const double cycles = rates.multiprocessors * rates.cycles_a_second * 2;
    const double products = std::max(rates.products, rates.group_products) * cycles;
    chart.memory_rate = rates.memory_bytes_a_second;
    chart.memory_label = fmt::format("memory {:.0f} GB/s", chart.memory_rate * 1e-9);
    chart.ceilings = {{fmt::format("f32 {:.0f} TFLOP/s", rates.multiply_adds * cycles * 1e-12),
                       rates.multiply_adds * cycles, "#1f77b4"},
                      {fmt::format("16-bit products {:.0f} TFLOP/s", products * 1e-12), products, "#9467bd"}};
}

/// The best of each key with its peers, and of a single key every trial; of the first key's kind of target alone.
std::string roofline_of(const std::vector<Reported>& keys, const std::vector<PeerResult>& peers) {
    RooflineChart chart;
    std::optional<Target> target;
    for (const Reported& key : keys) {
        const auto cost = cost_of_key(key);
        if (!cost || key.best < 0 || (target && target->kind != key.target->kind)) continue;
        if (!target) target = key.target;
        const auto add = [&](const TuningRecord& trial, bool best) {
            chart.marks.push_back(
                {cost->intensity(), cost->operations / trial.seconds,
                 fmt::format("{} {}, {}: {}", key.pipeline->outputs[0].name(), short_name(key.summary.key),
                             format_seconds(trial.seconds), trial.schedule),
                 best ? "#2e7d32" : "#1f77b4", best});
        };
        if (keys.size() == 1)
            for (const TuningRecord& trial : key.trials)
                if (trial.status == TrialStatus::measured) add(trial, false);
        for (const PeerResult& peer : peers)
            if (peer.is_of(cost->operations, cost->input_bytes + cost->output_bytes))
                chart.marks.push_back({cost->intensity(), cost->operations / peer.seconds,
                                       fmt::format("{}, {}: {}", peer.name, peer.layer, format_seconds(peer.seconds)),
                                       "#e67e22", true});
        add(key.trials[static_cast<std::size_t>(key.best)], true);
    }
    if (chart.marks.empty()) return "";
    add_ceilings(chart, *target);
    chart.title = target->text();
    chart.filled_label = peers.empty() ? "best" : "best; orange: peers";
    if (keys.size() == 1) chart.empty_label = "other trials";
    return roofline_svg(chart);
}

std::string now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    char text[32];
    localtime_r(&seconds, &parts);
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts)};
}

int run(const CommandLine& line) {
    const Database database = open_database(line);
    std::vector<Reported> keys;
    const bool one = !line.words().empty() || line.has("-e");
    const std::optional<TuningKey> wanted = one ? std::optional(key_of(line, database)) : std::nullopt;
    for (KeySummary& summary : database.keys()) {
        if (wanted && summary.key != *wanted) continue;
        if (summary.definition.empty() && names_operator(line)) summary.definition = print(make_problem(line).pipeline);
        keys.push_back(reported(database, std::move(summary)));
    }
    if (keys.empty())
        throw UserError(one ? "nothing is recorded of this definition and target: 'heddle tune' does that"
                            : "the database has no records yet: 'heddle tune' makes them");
    const std::vector<PeerResult> peers =
        line.has("--peers") ? read_peer_results(*line.text("--peers")) : std::vector<PeerResult>();
    const auto placed = std::count_if(peers.begin(), peers.end(), [&](const PeerResult& peer) {
        return std::any_of(keys.begin(), keys.end(), [&](const Reported& key) {
            const auto cost = cost_of_key(key);
            return cost && peer.is_of(cost->operations, cost->input_bytes + cost->output_bytes);
        });
    });
    json data = {{"title", "Heddle: tuned schedules"},
                 {"database", database_path(line).string()},
                 {"made", now()},
                 {"roofline", roofline_of(keys, peers)},
                 {"keys", json::array()}};
    std::size_t trials = 0;
    for (const Reported& key : keys) {
        data["keys"].push_back(json_of(key));
        trials += key.trials.size();
    }
    const std::string name = line.text("-o").value_or("report.html");
    std::ofstream file(name, std::ios::binary);
    file << report_page(data) << std::flush;
    if (!file) throw UserError(fmt::format("{} cannot be written", name));
    fmt::print("{}: {} trials of {} keys", name, trials, keys.size());
    if (!peers.empty())
        fmt::print("; {} of {} results of peers are of the same operations and bytes", placed, peers.size());
    fmt::print("\n");
    return 0;
}

}  // namespace

Subcommand report_subcommand() {
    std::vector<OptionRow> options = key_options();
    options.insert(options.begin(),
                   {{"-o", "FILE", "the page (report.html)"},
                    {"--peers", "FILE", "other libraries in the roofline, as heddle_bench --json measured them"}});
    return {"report",
            "writes a page about what was tuned: every trial, what decided, the winner's loops and code",
            "report [KEY | OPERATOR tensor=...] [-o report.html] [--peers results.json]",
            options,
            {"heddle report", "heddle report 3fa9c1d2 -o conv.html",
             "heddle report conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1", "",
             "one file of HTML that needs no network; 'heddle db list' shows the keys"},
            run};
}

}  // namespace heddle::tools
