// bench/convolution.cpp -- contestants of a layer, their results checked, their times as a table and as JSON.
#include "bench/convolution.h"

#include <fmt/format.h>
#include <functional>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>
#include <thread>

#include "bench/peer_onednn.h"
#include "bench/results_file.h"
#include "bench/rounds.h"
#include "codegen/compile.h"
#include "codegen/emit_llvm.h"
#include "codegen/provenance.h"
#include "runtime/affinity.h"
#include "runtime/cpu_info.h"
#include "runtime/text.h"
#include "runtime/thread_pool.h"
#include "schedules/compare.h"
#include "schedules/loop_nest.h"
#include "schedules/record.h"
#include "support/progress.h"
#include "tools/json_text.h"
#include "tools/naive_conv.h"
#include "tools/terminal.h"
#include "tools/tuning.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

/// What a contestant is beside its times.
struct Entry {
    std::string detail;              ///< its schedule, or the peer's implementation
    std::function<Buffer()> result;  ///< of the last call, in the layer's layout
    double error = 0;                ///< largest relative L2 error: against the oracle and against the first entry
    bool right = true;
};

struct Race {
    tools::Problem problem;
    NamedBuffers inputs;
    std::vector<Contestant> contestants;
    std::vector<Entry> entries;  ///< one a contestant
    std::vector<double> peaks;   ///< FMA peak of each round, operations a second

    void add(Contestant contestant, Entry entry) {
        contestants.push_back(std::move(contestant));
        entries.push_back(std::move(entry));
    }
    Buffer new_output() const { return tools::make_outputs(problem, inputs).begin()->second; }
};

void add_heddle(Race& race, const std::string& name, const Schedule& schedule, const Target& target) {
    CompileOptions options;
    options.schedule = schedule;
    Kernel kernel = compile(race.problem.pipeline, target, options);
    std::vector<Buffer> buffers;
    for (const AnyTensor& input : race.problem.pipeline.inputs) {
        if (input.name() == "w") kernel.declare_constant("w");
        buffers.push_back(race.inputs.at(input.name()));
    }
    Buffer output = race.new_output();
    output.poison();
    buffers.push_back(output);
    race.add({name, [kernel, buffers] { kernel.run(buffers); }}, {print(schedule), [output] { return output; }});
}

void add_tuned(Race& race, const ConvolutionOptions& options, const Target& target) {
    const bool exists = std::filesystem::exists(options.database);
    if (!exists && options.tune_seconds <= 0) return;
    Database database(options.database);
    if (options.tune_seconds > 0) {
        tools::TuningRequest request;
        request.options.seconds = options.tune_seconds;
        const tools::TuningOutcome outcome = tools::tune_with_progress(race.problem, target, request, database);
        fmt::print("{}: {} candidates tried, {} refused or wrong\n", race.problem.title, outcome.result.trials,
                   outcome.result.failures);
    }
    const auto record = database.best(TuningKey::of(race.problem.pipeline, target), provenance(target));
    if (record) add_heddle(race, "tuned schedule", parse_schedule(record->schedule), target);
}

/// The same layer in f32, of the same numbers before they are rounded.
void add_single_precision(Race& race, const Layer& layer, const ConvolutionOptions& options, const Target& target) {
    Race single;
    single.problem = problem_of(layer, options.layout, options.pass);
    single.inputs = tools::make_inputs(single.problem, 1);
    add_heddle(single, "f32 default", default_schedule(single.problem.pipeline, target), target);
    race.add(single.contestants.front(), single.entries.front());
}

void add_peers(Race& race, const Layer& layer, const ConvolutionOptions& options, int threads) {
    for (const PeerLayout kind : {PeerLayout::any, PeerLayout::given}) {
        auto peer = onednn_convolution(layer, options.layout, options.pass, kind, race.inputs, threads);
        const char* given = options.layout == ActivationLayout::nhwc ? "oneDNN nhwc" : "oneDNN nchw";
        const char* name = kind == PeerLayout::any ? "oneDNN any" : given;
        if (peer)
            race.add({name, peer->call}, {peer->implementation, peer->result});
        else
            fmt::print("  {}: not measured: this build has no oneDNN, or it has no such primitive on this machine\n",
                       name);
    }
}

void add_naive(Race& race, const Layer& layer, ActivationLayout layout) {
    Buffer output = race.new_output();
    const auto plain = [layout](const Buffer& buffer) { return in_plain_order(buffer, layout); };
    const Buffer x = plain(race.inputs.at("x")), w = plain(race.inputs.at("w")), y = plain(output);
    race.add({"plain loops", [=, o = options_of(layer, layout)] { tools::naive_conv(x, w, y, o); }, true},
             {"g++ -O3, one thread", [output] { return output; }});
}

/// Each result against 500 elements by the oracle, and whole against the first contestant's.
void check_results(Race& race) {
    const AnyTensor& output = race.problem.pipeline.outputs.front();
    const double tolerance = tolerance_of(race.problem.pipeline, output.type());
    const auto points =
        oracle_points(race.new_output().shape(), default_schedule(race.problem.pipeline, Target::host()), 500, 1);
    const std::vector<double> expected = evaluate_at(race.problem.pipeline, race.inputs, output, points);
    const Buffer first = race.entries.front().result();
    for (Entry& entry : race.entries) {
        const Buffer result = entry.result();
        entry.error = std::max(compare(result, points, expected).relative_l2, compare(result, first).relative_l2);
        entry.right = entry.error <= tolerance;
    }
}

/// Times of one contestant as shares: of the peak, of the floor, and against the peer and the plain loops.
struct Row {
    Sample seconds;
    double speed = 0, share = 0, of_floor = 0;
    std::map<std::string, Sample> ratios;
};

/// What the others are compared with.
bool is_base(const Contestant& contestant) {
    return contestant.name.starts_with("oneDNN") || contestant.name.starts_with("f32") || contestant.slow;
}

Row row_of(const Race& race, const Contestant& contestant, double operations, double peak, double floor) {
    Row row;
    row.seconds = sample_of(contestant.calls);
    row.speed = operations / row.seconds.median;
    row.share = row.speed / peak;
    row.of_floor = floor / row.seconds.median;
    for (const Contestant& base : race.contestants)
        if (is_base(base)) row.ratios[base.name] = ratio(base, contestant);
    return row;
}

std::string ratio_text(const Row& row, const std::string& base) {
    const auto found = row.ratios.find(base);
    if (found == row.ratios.end()) return "";
    const Sample& r = found->second;
    return r.median >= 10 ? fmt::format("{:.0f}", r.median) : fmt::format("{:.2f} ±{:.2f}", r.median, r.spread / 2);
}

JsonObject json_of(const Contestant& contestant, const Entry& entry, const Row& row) {
    JsonObject ratios;
    for (const auto& [base, r] : row.ratios)
        ratios.add(base, JsonObject().add("median", r.median).add("spread", r.spread));
    return JsonObject()
        .add("name", contestant.name)
        .add("detail", entry.detail)
        .add("seconds", row.seconds.median)
        .add("spread", row.seconds.spread)
        .add("calls", row.seconds.count)
        .add("flops", row.speed)
        .add("share_of_peak", row.share)
        .add("share_of_floor", row.of_floor)
        .add("faster_than", ratios)
        .add("error", entry.error)
        .add("right", entry.right);
}

/// Logarithms of how many times as fast one contestant is as another, by their names.
using Means = std::map<std::pair<std::string, std::string>, std::vector<double>>;

void print_means(const Means& means) {
    for (const auto& [names, logarithms] : means) {
        if (logarithms.size() < 2) continue;
        double sum = 0;
        for (const double logarithm : logarithms) sum += logarithm;
        fmt::print("{:18} {:.2f} x {} as geometric mean of {} layers, {:.2f} at the least\n", names.first,
                   std::exp(sum / static_cast<double>(logarithms.size())), names.second, logarithms.size(),
                   std::exp(*std::min_element(logarithms.begin(), logarithms.end())));
    }
}

void report(const Race& race, double bandwidth, std::vector<Json>& json, Means& means) {
    const Cost cost = cost_of(race.problem.pipeline);
    const double bytes = cost.input_bytes + cost.output_bytes, peak = sample_of(race.peaks).median;
    const double floor = std::max(cost.operations / peak, bytes / bandwidth);
    fmt::print("{}   {} operations, {} B, floor {} ({})\n", race.problem.title, format_count(cost.operations),
               format_count(bytes), format_seconds(floor),
               cost.operations / peak > bytes / bandwidth ? "arithmetic" : "memory");
    std::vector<std::string> bases;
    for (const Contestant& base : race.contestants)
        if (is_base(base)) bases.push_back(base.name);
    fmt::print("  {:18} {:>10} {:>10} {:>9} {:>6} {:>6}", "", "median", "spread", "GFLOP/s", "peak", "floor");
    for (const std::string& base : bases) fmt::print(" {:>14}", "x " + base);
    fmt::print("\n");
    std::vector<Json> rows;
    for (std::size_t i = 0; i < race.contestants.size(); ++i) {
        const Entry& entry = race.entries[i];
        const Row row = row_of(race, race.contestants[i], cost.operations, peak, floor);
        fmt::print("  {:18} {:>10} {:>10} {:>9.1f} {:>5.0f}% {:>5.0f}%", race.contestants[i].name,
                   format_seconds(row.seconds.median), format_seconds(row.seconds.spread), row.speed * 1e-9,
                   100 * row.share, 100 * row.of_floor);
        for (const std::string& base : bases) fmt::print(" {:>14}", ratio_text(row, base));
        fmt::print("{}\n", entry.right ? "" : fmt::format("  WRONG: relative error {:.1e}", entry.error));
        if (!is_base(race.contestants[i]))
            for (const auto& [base, r] : row.ratios)
                means[{race.contestants[i].name, base}].push_back(std::log(r.median));
        rows.push_back(json_of(race.contestants[i], entry, row));
    }
    for (std::size_t i = 0; i < race.entries.size(); ++i)
        fmt::print("  {:18} {}\n", race.contestants[i].name,
                   tools::coloured(tools::Colour::grey, race.entries[i].detail));
    fmt::print("\n");
    json.push_back(JsonObject()
                       .add("layer", race.problem.title)
                       .add("operations", cost.operations)
                       .add("bytes", bytes)
                       .add("peak_flops", peak)
                       .add("floor_seconds", floor)
                       .add("results", rows));
}

Race make_race(const Layer& layer, const ConvolutionOptions& options, const Target& target) {
    Race race;
    race.problem = problem_of(layer, options.layout, options.pass, options.type);
    race.inputs = tools::make_inputs(race.problem, 1);
    add_heddle(race, "default schedule", default_schedule(race.problem.pipeline, target), target);
    add_tuned(race, options, target);
    for (std::size_t i = 0; i < options.schedules.size(); ++i) {
        LoopNest nest;
        const Schedule schedule = parse_schedule(options.schedules[i]);
        if (const auto refusal = apply(schedule, race.problem.pipeline, target, nest))
            fmt::print("{}: schedule {} is left out: {}\n", layer.name, i + 1, refusal->reason);
        else
            add_heddle(race, fmt::format("schedule {}", i + 1), schedule, target);
    }
    if (options.type != f32) add_single_precision(race, layer, options, target);
    add_peers(race, layer, options, options.processor_time ? 1 : target.threads);
    if (options.naive && options.pass == ConvolutionPass::forward && options.type == f32)
        add_naive(race, layer, options.layout);
    return race;
}

}  // namespace

bool run_convolutions(const ConvolutionOptions& options) {
    const ResultsFile results(options.json);
    const Target target = Target::host();
    if (options.processor_time) set_thread_count(1);
    const int threads = options.processor_time ? 1 : target.threads;
    std::vector<int> cpus = allowed_cpus();
    cpus.resize(std::min(cpus.size(), static_cast<std::size_t>(threads)));
    bool right = true;
    std::vector<Json> json;
    // In a thread of its own: the main thread's CPUs are those that Heddle's pool takes its workers from.
    std::exception_ptr failure;
    std::thread measuring([&] {
        try {
            pin_this_thread(cpus.front());
            pin_peer_threads(cpus);
            const double bandwidth = measure_copy_bandwidth(threads);
            fmt::print("{} threads, {}; copies {}B/s{}{}{}\n\n", threads, cpu_info().model, format_count(bandwidth),
                       onednn_version().empty() ? "" : "; ", onednn_version(),
                       options.processor_time ? "; time of the processor" : "");
            Means means;
            for (const Layer& layer : options.layers) {
                Race race = make_race(layer, options, target);
                support::Progress progress(layer.name);
                const auto between = [&](int round) {
                    race.peaks.push_back(measure_fma_peak(threads, 0.02));
                    progress.show((round + 1.0) / options.rounds, "rounds");
                };
                run_rounds(race.contestants, {options.rounds, options.turn_seconds, options.processor_time, between});
                progress.clear();
                check_results(race);
                for (const Entry& entry : race.entries) right = right && entry.right;
                report(race, bandwidth, json, means);
                std::fflush(stdout);
            }
            print_means(means);
        } catch (...) {
            failure = std::current_exception();
        }
    });
    measuring.join();
    if (failure) std::rethrow_exception(failure);
    results.write(JsonObject()
                      .add("threads", threads)
                      .add("cpu", cpu_info().model)
                      .add("peer", onednn_version())
                      .add("versions", host_code_versions())
                      .add("layers", json));
    return right;
}

}  // namespace heddle::bench
