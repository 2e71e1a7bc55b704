// bench/operators.cpp -- heddle_bench_operators: every operator under its default schedule beside libtorch, in turns.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "bench/command.h"
#include "bench/peer_polling.h"
#include "bench/results_file.h"
#include "bench/rounds.h"
#include "codegen/compile.h"
#include "runtime/cpu_info.h"
#include "runtime/text.h"
#include "runtime/thread_pool.h"
#include "schedules/compare.h"
#include "tools/gradient_problem.h"
#include "tools/json_text.h"
#include "tools/libtorch_operators.h"
#include "tools/measure.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

struct Options {
    std::string file = HEDDLE_BENCH_OPERATORS, json, schedule;
    std::vector<std::string> names, uses;
    int rounds = 9;
    double turn_seconds = 0.03;
    bool gradients = false, apart = false, processor_time = false;
};

std::vector<std::string> read_uses(const Options& options) {
    if (!options.uses.empty()) return options.uses;
    std::ifstream stream(options.file);
    if (!stream) throw UserError(fmt::format("{} cannot be read: give a list of uses by --file", options.file));
    std::vector<std::string> uses;
    for (std::string line; std::getline(stream, line);) {
        if (line.empty() || line[0] == '#') continue;
        bool wanted = options.names.empty();
        for (const std::string& name : options.names) wanted = wanted || line.starts_with(name);
        if (wanted) uses.push_back(line);
    }
    if (uses.empty()) throw UserError(fmt::format("{} has no use that begins so", options.file));
    return uses;
}

std::vector<std::string> words_of(const std::string& use) {
    std::istringstream stream(use);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

/// Both contestants of a use, and where their results lie.
struct Race {
    std::vector<Contestant> contestants;
    std::shared_ptr<tools::LibtorchOperator> peer;
    Pipeline pipeline;
    NamedBuffers outputs;
    Buffer seed;
    double compile_seconds = 0;  ///< that LLVM took for Heddle's kernel
};

void add_heddle(Race& race, const NamedBuffers& inputs, const Options& options) {
    CompileOptions compile_options;
    compile_options.use_database = compile_options.use_cache = false;
    if (!options.schedule.empty()) compile_options.schedule = parse_schedule(options.schedule);
    const Kernel kernel = compile(race.pipeline, Target::host(), compile_options);
    race.compile_seconds = kernel.report().llvm;
    std::vector<Buffer> buffers;
    for (const AnyTensor& input : race.pipeline.inputs) buffers.push_back(inputs.at(input.name()));
    for (const AnyTensor& output : race.pipeline.outputs) {
        race.outputs.at(output.name()).poison();
        buffers.push_back(race.outputs.at(output.name()));
    }
    race.contestants.push_back({"Heddle", [kernel, buffers] { kernel.run(buffers); }});
}

std::vector<std::string> float_inputs(const Pipeline& pipeline) {
    std::vector<std::string> names;
    for (const AnyTensor& input : pipeline.inputs)
        if (is_float(input.type())) names.push_back(input.name());
    return names;
}

Race forward(const tools::Problem& problem, const std::vector<std::string>& words, const NamedBuffers& inputs,
             const Options& options) {
    Race race;
    race.pipeline = problem.pipeline;
    race.outputs = tools::make_outputs(problem, inputs);
    race.peer = std::make_shared<tools::LibtorchOperator>(words, inputs);
    add_heddle(race, inputs, options);
    race.contestants.push_back({"libtorch", [peer = race.peer] { peer->run(); }});
    return race;
}

/// The gradients by the inputs named, given the results of the forward that they read: libtorch's keep theirs, too.
Race backward(tools::Problem problem, const std::vector<std::string>& words, const NamedBuffers& inputs,
              const std::vector<std::string>& names, const Options& options) {
    Race race;
    problem.given = inputs;
    const tools::Problem derived = tools::gradient_of(problem, join(names, ","), "all");
    const NamedBuffers given = tools::make_inputs(derived, 2);
    race.seed = given.at("dy");
    race.pipeline = derived.pipeline;
    race.outputs = tools::make_outputs(derived, given);
    race.peer = std::make_shared<tools::LibtorchOperator>(words, inputs);
    race.peer->record(names);
    add_heddle(race, given, options);
    race.contestants.push_back({"libtorch", [peer = race.peer, seed = race.seed] { peer->run_gradient(seed); }});
    return race;
}

/// Numbers of elements, none twice in a plane: where two values are sent to one element, Heddle's derivative reaches
/// the one that stays, and libtorch's reaches both.
void make_distinct(const tools::Problem& problem, NamedBuffers& inputs) {
    const auto plane = [](const AnyTensor& tensor) {
        std::int64_t elements = 1;
        for (int d = 2; d < tensor.rank(); ++d) elements *= tensor.shape()[d].value();
        return elements;
    };
    for (const AnyTensor& input : problem.pipeline.inputs) {
        if (input.type() != i64 || input.rank() < 3) continue;
        const std::int64_t count = plane(input), spread = plane(problem.pipeline.outputs[0]) / count;
        Buffer numbers = inputs.at(input.name());
        auto* values = static_cast<std::int64_t*>(numbers.data());
        for (std::int64_t i = 0; i < numbers.elements(); ++i) values[i] = i % count * spread + values[i] % spread;
    }
}

/// The largest relative error of Heddle's results against libtorch's.
double error_of(const Race& race) {
    const std::vector<Buffer> expected = race.seed.defined() ? race.peer->gradients() : race.peer->results();
    double error = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        error = std::max(error, compare(race.outputs.at(race.pipeline.outputs[i].name()), expected[i]).relative_l2);
    return error;
}

/// A use, or its gradients by the inputs named in `by`.
bool measure(const std::string& use, const std::vector<std::string>& by, const Options& options,
             std::vector<Json>& json, std::vector<double>& compile_seconds) {
    const std::vector<std::string> words = words_of(use);
    const tools::Problem problem = tools::make_problem(words);
    NamedBuffers inputs = tools::make_inputs(problem, 1);
    make_distinct(problem, inputs);
    Race race = by.empty() ? forward(problem, words, inputs, options) : backward(problem, words, inputs, by, options);
    run_rounds(race.contestants, {options.rounds, options.turn_seconds, options.processor_time, {}});
    const Sample ours = sample_of(race.contestants[0].calls), theirs = sample_of(race.contestants[1].calls);
    const Sample speed = ratio(race.contestants[1], race.contestants[0]);
    const double error = error_of(race), bound = 10 * tolerance_of(race.pipeline, race.pipeline.outputs[0].type());
    const Cost cost = cost_of(race.pipeline);
    const std::string shown = use + (options.apart && !by.empty() ? "  by " + by.front() : "");
    fmt::print("{:>10} {:>10} {:>6.2f} ±{:<5.2f} {:>8.1f} {:>8.1f} {:>8.1f}  {}{}\n", format_seconds(ours.median),
               format_seconds(theirs.median), speed.median, speed.spread / 2, cost.operations / ours.median * 1e-9,
               (cost.input_bytes + cost.output_bytes) / ours.median * 1e-9, race.compile_seconds * 1e3, shown,
               error <= bound ? "" : fmt::format("  WRONG: relative error {:.1e}", error));
    std::fflush(stdout);
    compile_seconds.push_back(race.compile_seconds);
    json.push_back(JsonObject()
                       .add("use", shown)
                       .add("seconds", ours.median)
                       .add("libtorch_seconds", theirs.median)
                       .add("faster_than_libtorch", speed.median)
                       .add("spread", speed.spread)
                       .add("llvm_seconds", race.compile_seconds)
                       .add("error", error));
    return error <= bound;
}

/// By which inputs: none for the operator itself.
std::vector<std::vector<std::string>> races_of(const std::string& use, const Options& options) {
    if (!options.gradients && !options.apart) return {{}};
    const std::vector<std::string> names = float_inputs(tools::make_problem(words_of(use)).pipeline);
    if (!options.apart) return {names};
    std::vector<std::vector<std::string>> races;
    for (const std::string& name : names) races.push_back({name});
    return races;
}

int run(const Options& options) {
    const ResultsFile results(options.json);
    const Target target = Target::host();
    if (options.processor_time) set_thread_count(1);
    const int threads = options.processor_time ? 1 : target.threads;
    tools::set_libtorch_threads(threads);
    fmt::print("{} threads, {}; {}{}{}\n\n{:>10} {:>10} {:>13} {:>8} {:>8} {:>8}\n", threads, cpu_info().model,
               tools::libtorch_version(), options.processor_time ? "; time of the processor" : "",
               options.apart       ? "; gradients by one input each"
               : options.gradients ? "; gradients by all inputs"
                                   : "",
               "Heddle", "libtorch", "x libtorch ", "GFLOP/s", "GB/s", "LLVM ms");
    bool right = true;
    std::vector<Json> json;
    std::vector<double> compile_seconds;
    const auto unless_refused = [&](const std::string& use, const auto& action) {
        try {
            action();
        } catch (const UserError& error) {
            fmt::print("{:>67}  {}: {}\n", "refused", use, error.message());
            right = false;
        }
    };
    for (const std::string& use : read_uses(options))
        unless_refused(use, [&] {
            // A schedule of one gradient is none of the others.
            for (const std::vector<std::string>& by : races_of(use, options))
                unless_refused(use, [&] { right = measure(use, by, options, json, compile_seconds) && right; });
        });
    double total = 0;
    for (const double seconds : compile_seconds) total += seconds;
    if (!compile_seconds.empty())
        fmt::print("\n{} kernels, {} of LLVM each on average\n", compile_seconds.size(),
                   format_seconds(total / static_cast<double>(compile_seconds.size())));
    results.write(JsonObject()
                      .add("threads", threads)
                      .add("cpu", cpu_info().model)
                      .add("peer", tools::libtorch_version())
                      .add("gradients", options.gradients)
                      .add("operators", json));
    return right ? success : wrong_result;
}

}  // namespace
}  // namespace heddle::bench

int main(int count, char** values) {
    using namespace heddle::bench;
    CLI::App program("heddle_bench_operators: every operator under its default schedule beside libtorch");
    Options options;
    program.add_option("--file", options.file, "list of uses, one a line")->capture_default_str();
    program.add_option("--names", options.names, "beginnings of uses, with commas between; all when absent")
        ->delimiter(',');
    program.add_option("--use", options.uses, "a use in place of the list (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    program.add_option("--schedule", options.schedule, "this schedule in place of the default one");
    add_round_options(program, options.rounds, options.turn_seconds);
    program.add_flag("--gradients", options.gradients,
                     "measure the gradients by all inputs, given what the forward saves");
    program.add_flag("--apart", options.apart, "measure the gradient by each input by itself");
    program.add_flag("--processor-time", options.processor_time,
                     "one thread, timed by the processor's clock: on a machine that is shared");
    program.add_option("--json", options.json, "write the results to this file");
    return run_command(program, count, values, [&] {
        limit_peer_polling(values);
        return run(options);
    });
}
