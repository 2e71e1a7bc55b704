// bench/latency.cpp -- processes that compile and run one layer, and calls that do nothing.
#include "bench/latency.h"

#include <fmt/format.h>
#include <unistd.h>
#include <functional>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/results_file.h"
#include "bench/rounds.h"
#include "codegen/compile.h"
#include "codegen/kernel_graph.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_module.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "runtime/nvrtc.h"
#include "runtime/temporary_folder.h"
#include "runtime/text.h"
#include "runtime/timer.h"
#include "tools/json_text.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

double clock_seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The steps in the order in which they happen. `total` is from the definition to the first result, `processor` the
/// same in time of all CPUs together, which other work on the machine disturbs less. `llvm` is NVRTC's time where the
/// target is a CUDA device.
constexpr const char* steps[] = {"start", "device", "define",  "schedule", "lower", "emit",     "llvm",
                                 "load",  "other",  "compile", "run",      "total", "processor"};

/// One line of a process that was started as this program with `arguments`.
std::string output_of(const std::vector<std::string>& arguments, const std::filesystem::path& cache) {
    setenv("HEDDLE_CACHE", cache.c_str(), 1);
    std::string command = std::filesystem::read_symlink("/proc/self/exe").string();
    for (const std::string& argument : arguments) command += " '" + argument + "'";
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw UserError("a process cannot be started: " + command);
    std::string text;
    for (char part[4096]; std::fgets(part, sizeof part, pipe) != nullptr;) text += part;
    if (pclose(pipe) != 0) throw UserError("failed: " + command);
    return text;
}

/// Layers come back from the table by name, so that the process reads what this one has read.
std::map<std::string, double> first_result(const Layer& layer, const std::string& target,
                                           const std::filesystem::path& cache, const std::filesystem::path& table) {
    const std::string text = output_of({"first-result", "--file", table.string(), "--layers", layer.name, "--target",
                                        target, "--started", fmt::format("{:.9f}", clock_seconds(CLOCK_MONOTONIC))},
                                       cache);
    const auto json = nlohmann::json::parse(text);
    return json.get<std::map<std::string, double>>();
}

JsonObject print_row(const std::string& name, const std::vector<std::map<std::string, double>>& runs) {
    fmt::print("  {:28}", name);
    JsonObject json;
    for (const char* step : steps) {
        std::vector<double> seconds;
        for (const auto& run : runs) seconds.push_back(run.at(step));
        const Sample sample = sample_of(seconds);
        fmt::print(" {:>9}", fmt::format("{:.2f}", 1e3 * sample.median));
        json.add(step, JsonObject().add("median", sample.median).add("spread", sample.spread));
    }
    fmt::print("\n");
    std::fflush(stdout);
    return json;
}

Target target_of(const std::string& text) {
    if (text == "cuda") return Target::cuda(current_cuda_device().compute_capability);
    return Target::parse(text);
}

/// Where the target's kernels take their buffers.
Buffer placed(const Buffer& buffer, const Target& target) {
    return target.kind == TargetKind::cuda ? to_device(buffer) : buffer;
}

/// Median seconds of one call, from batches that are long enough for the clock and short enough for a stream's queue;
/// `settle` waits, between them, for what they have put there.
Sample cost_of_call(int batch, const std::function<void()>& call, const std::function<void()>& settle) {
    constexpr int batches = 200;
    std::vector<double> seconds;
    for (int i = 0; i < batches; ++i) {
        const Timer timer;
        for (int j = 0; j < batch; ++j) call();
        seconds.push_back(timer.seconds() / batch);
        settle();
    }
    return sample_of(std::move(seconds));
}

JsonObject measure_calls(const Target& target) {
    const Tensor x("x", f32, {16});
    const Tensor<1> y("y", f32);
    const Var i("i");
    y(i) = x(i) + 1.0f;
    CompileOptions options;
    const bool on_device = target.kind == TargetKind::cuda;
    if (!on_device) options.schedule = Schedule();  // one thread: a fork is not part of a call
    const Kernel kernel = compile(y, target, options);
    const Buffer x_buffer = placed(Buffer(f32, {16}), target), y_buffer = placed(Buffer(f32, {16}), target);
    const std::vector<Buffer> buffers{x_buffer, y_buffer};
    JsonObject json;
    fmt::print("\na call of y[i] = x[i] + 1 on 16 elements, in ns\n");
    const auto row = [&](const char* name, const std::function<void()>& call) {
        const Sample sample = cost_of_call(on_device ? 100 : 1000, call, [&] {
            if (on_device) synchronize();
        });
        fmt::print("  {:28} {:>9.0f} ±{:.0f}\n", name, 1e9 * sample.median, 0.5e9 * sample.spread);
        json.add(name, JsonObject().add("median", sample.median).add("spread", sample.spread));
    };
    row("by position", [&] { kernel.run(buffers); });
    row("by name", [&] { kernel({{"x", x_buffer}, {"y", y_buffer}}); });
    if (on_device) {
        const KernelGraph graph(kernel, buffers);
        row("as a graph", [&] { graph.launch(); });
        const std::string empty = "extern \"C\" __global__ void nothing(const float* x, float* y) {}";
        const CudaModule module(compile_cuda(empty, "nothing.cu", target.compute_capability).cubin, "nothing");
        const CudaFunction nothing = module.function("nothing");
        void *in = x_buffer.data(), *out = y_buffer.data();
        void* parameters[] = {&in, &out};
        row("an empty kernel, by the driver", [&] { launch(nothing, {}, parameters); });
    }
    return json;
}

/// The layers as a table for other processes.
void write_table(const std::vector<Layer>& layers, const std::filesystem::path& file) {
    std::vector<Json> rows;
    for (const Layer& l : layers)
        rows.push_back(JsonObject()
                           .add("name", l.name)
                           .add("N", l.N)
                           .add("C", l.C)
                           .add("H", l.H)
                           .add("W", l.W)
                           .add("K", l.K)
                           .add("R", l.R)
                           .add("S", l.S)
                           .add("stride", l.stride)
                           .add("padding", l.padding)
                           .add("dilation", l.dilation)
                           .add("groups", l.groups));
    std::ofstream(file) << Json(rows).text();
}

}  // namespace

void print_first_result(const Layer& layer, const std::string& target_text, double started) {
    const double begun = clock_seconds(CLOCK_MONOTONIC);
    const tools::Problem sizes = problem_of(layer, ActivationLayout::nhwc);
    const NamedBuffers inputs = tools::make_inputs(sizes, 1), outputs = tools::make_outputs(sizes, inputs);
    outputs.begin()->second.poison();
    const Timer device_timer;
    const Target target = target_of(target_text);
    const bool on_device = target.kind == TargetKind::cuda;
    std::vector<Buffer> buffers;
    for (const AnyTensor& input : sizes.pipeline.inputs) buffers.push_back(placed(inputs.at(input.name()), target));
    buffers.push_back(placed(outputs.begin()->second, target));
    const double device = on_device ? device_timer.seconds() : 0;

    const double processor = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    const Timer total;
    const tools::Problem problem = problem_of(layer, ActivationLayout::nhwc);
    const double define = total.seconds();
    CompileOptions options;
    options.use_database = false;
    const Kernel kernel = compile(problem.pipeline, target, options);
    const double compiled = total.seconds() - define;
    kernel.run(buffers);
    if (on_device) synchronize();
    const double all = total.seconds();
    const double all_processor = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - processor;

    const CompileReport& r = kernel.report();
    fmt::print("{}\n", JsonObject()
                           .add("start", begun - started)
                           .add("device", device)
                           .add("define", define)
                           .add("schedule", r.schedule)
                           .add("lower", r.lower)
                           .add("emit", r.emit)
                           .add("llvm", r.llvm)
                           .add("load", r.load)
                           .add("other", compiled - r.schedule - r.lower - r.emit - r.llvm - r.load)
                           .add("compile", compiled)
                           .add("run", all - define - compiled)
                           .add("total", all)
                           .add("processor", all_processor)
                           .text());
}

void run_latency(const LatencyOptions& options) {
    const Target target = target_of(options.target);
    const ResultsFile results(options.json);
    const TemporaryFolder folder;
    const std::filesystem::path table = folder.path() / "layers.json";
    std::vector<Layer> layers = options.layers;
    for (Layer& layer : layers)
        if (options.batch > 0) layer.N = options.batch;
    write_table(layers, table);
    fmt::print("from the definition to the first result, in ms (medians of {} processes)\n  {:28}", options.repeats,
               "");
    for (const char* step : steps) fmt::print(" {:>9}", step);
    fmt::print("\n");
    std::vector<Json> rows;
    for (const Layer& layer : layers) {
        std::vector<std::map<std::string, double>> cold, warm;
        for (int i = 0; i < options.repeats; ++i) {
            const std::filesystem::path cache = folder.path() / fmt::format("{}.{}", layer.name, i);
            std::filesystem::create_directory(cache);
            cold.push_back(first_result(layer, options.target, cache, table));
            warm.push_back(first_result(layer, options.target, cache, table));
        }
        const Json cold_json = print_row(layer.name + " cold", cold), warm_json = print_row(layer.name + " warm", warm);
        rows.push_back(JsonObject().add("layer", layer.name).add("cold", cold_json).add("warm", warm_json));
    }
    const JsonObject calls = measure_calls(target);
    results.write(JsonObject().add("first_result", rows).add("call", calls));
}

}  // namespace heddle::bench
