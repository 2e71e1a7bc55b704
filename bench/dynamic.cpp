// bench/dynamic.cpp -- operators with their sizes known and left open, in turns.
#include "bench/dynamic.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <regex>

#include "bench/results_file.h"
#include "bench/rounds.h"
#include "codegen/compile.h"
#include "codegen/run_time_sizes.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "runtime/cpu_info.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "runtime/thread_pool.h"
#include "schedules/compare.h"
#include "tools/json_text.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

/// A definition over sizes that are single letters.
struct SizedCase {
    std::string name, text;
    std::map<std::string, int> sizes;
    std::vector<std::string> open;  ///< sets of letters that are left open, each a kernel
};

std::vector<SizedCase> cases() {
    const std::vector<std::string> images = {"N", "HW", "NCHW"};
    return {
        {"conv2d.nchw",
         "x: f32[N,C,H,W]; w: f32[64,C,3,3]; y: f32[N,64,H,W]\n"
         "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]",
         {{"N", 8}, {"C", 64}, {"H", 56}, {"W", 56}},
         images},
        {"conv2d.nhwc",
         "x: f32[N,H,W,C]; w: f32[64,3,3,C]; y: f32[N,H,W,64]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
         {{"N", 8}, {"C", 64}, {"H", 56}, {"W", 56}},
         images},
        {"conv2d.nhwc.14",
         "x: f32[N,H,W,C]; w: f32[256,3,3,C]; y: f32[N,H,W,256]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
         {{"N", 8}, {"C", 256}, {"H", 14}, {"W", 14}},
         images},
        {"depthwise.nchw",
         "x: f32[N,C,H,W]; w: f32[C,3,3]; y: f32[N,C,H,W]\ny[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[c,r,s]",
         {{"N", 8}, {"C", 144}, {"H", 56}, {"W", 56}},
         images},
        {"depthwise.nhwc",
         "x: f32[N,H,W,C]; w: f32[3,3,C]; y: f32[N,H,W,C]\ny[n,p,q,c] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c]",
         {{"N", 8}, {"C", 144}, {"H", 56}, {"W", 56}},
         images},
        {"max_pool.nchw",
         "x: f32[N,C,H,W]; y: f32[N,C,(H-1)/2+1,(W-1)/2+1]\n"
         "y[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3",
         {{"N", 8}, {"C", 64}, {"H", 112}, {"W", 112}},
         images},
        {"max_pool.nhwc",
         "x: f32[N,H,W,C]; y: f32[N,(H-1)/2+1,(W-1)/2+1,C]\n"
         "y[n,p,q,c] max= skip(x)[n,2*p+r-1,2*q+s-1,c] | r<3 s<3",
         {{"N", 8}, {"C", 64}, {"H", 112}, {"W", 112}},
         images},
        {"softmax",
         "x: f32[N,C]\nm[n] max= x[n,c]\ne[n,c] = exp(x[n,c] - m[n])\nt[n] += e[n,c]\ny[n,c] = e[n,c] / t[n]",
         {{"N", 4096}, {"C", 1000}},
         {"N", "C", "NC"}},
        {"linear",
         "x: f32[N,C]; w: f32[K,C]\ny[n,k] += x[n,c] * w[k,c]",
         {{"N", 512}, {"C", 768}, {"K", 3072}},
         {"N", "C", "NCK"}},
        {"blur",
         "x: f32[H,W]\nh[i,j] = (replicate(x)[i,j-1] + x[i,j] + replicate(x)[i,j+1]) / 3.0\n"
         "y[i,j] = (replicate(h)[i-1,j] + h[i,j] + replicate(h)[i+1,j]) / 3.0",
         {{"H", 1080}, {"W", 1920}},
         {"H", "W", "HW"}},
    };
}

/// The text with the letters in `open` declared as run-time sizes, and numbers for the others.
Pipeline pipeline_of(const SizedCase& given, const std::string& open, bool gradients) {
    std::string text = given.text, declared;
    for (const auto& [letter, size] : given.sizes) {
        if (open.find(letter) == std::string::npos)
            text = std::regex_replace(text, std::regex(fmt::format("\\b{}\\b", letter)), std::to_string(size));
        else
            declared += fmt::format("{} in [1,65536]\n", letter);
    }
    Pipeline forward = parse_pipeline(declared + text);
    if (!gradients) return forward;
    return Pipeline::of(gradient(forward.outputs[0], forward.inputs));
}

RunTimeSizes sizes_of(const Pipeline& pipeline, const SizedCase& given) {
    RunTimeSizes sizes;
    for (const Symbol& parameter : pipeline.parameters) sizes[parameter] = given.sizes.at(parameter.name());
    return sizes;
}

/// A kernel with buffers of its own for its results.
struct Entry {
    std::string open;
    Kernel kernel;
    std::vector<Buffer> buffers;
};

/// The inputs lie where those of the kernel for known sizes do, in the same order.
Entry entry_of(const SizedCase& given, const std::string& open, const DynamicOptions& options, const Entry* known) {
    const Pipeline pipeline = pipeline_of(given, open, options.gradients);
    const RunTimeSizes sizes = sizes_of(pipeline, given);
    CompileOptions compile_options;
    compile_options.use_database = false;
    Entry entry{open, compile(pipeline, Target::host(), compile_options), {}};
    for (std::size_t i = 0; i < pipeline.inputs.size(); ++i) {
        if (known) {
            entry.buffers.push_back(known->buffers[i]);
            continue;
        }
        const Buffer input(pipeline.inputs[i].type(), shape_of(pipeline.inputs[i], sizes));
        input.fill_random(i + 1);
        entry.buffers.push_back(input);
    }
    for (const AnyTensor& output : pipeline.outputs) entry.buffers.emplace_back(output.type(), shape_of(output, sizes));
    return entry;
}

/// The largest relative error of an entry's results against those of the first.
double error_of(const Entry& entry, const Entry& known) {
    double error = 0;
    for (std::size_t i = known.kernel.pipeline().inputs.size(); i < known.buffers.size(); ++i)
        error = std::max(error, compare(entry.buffers[i], known.buffers[i]).relative_l2);
    return error;
}

/// Geometric means of the ratios of entries with the same sizes open.
using Means = std::map<std::string, std::pair<double, int>>;

bool measure(const SizedCase& given, const DynamicOptions& options, Means& means, std::vector<Json>& rows) {
    std::vector<Entry> entries = {entry_of(given, "", options, nullptr)};
    for (const std::string& open : given.open) entries.push_back(entry_of(given, open, options, entries.data()));
    std::vector<Contestant> contestants;
    for (Entry& entry : entries) {
        for (std::size_t i = entry.kernel.pipeline().inputs.size(); i < entry.buffers.size(); ++i)
            entry.buffers[i].poison();
        contestants.push_back({entry.open, [&entry] { entry.kernel.run(entry.buffers); }});
    }
    run_rounds(contestants, {options.rounds, options.turn_seconds, options.processor_time, {}});

    bool right = true;
    std::string line = fmt::format("{:16} {:>10}", given.name, format_seconds(sample_of(contestants[0].calls).median));
    for (std::size_t i = 1; i < entries.size(); ++i) {
        const Sample slower = ratio(contestants[i], contestants[0]);
        const double error = error_of(entries[i], entries[0]);
        const bool good = error <= 1e-4;
        right = right && good;
        line += fmt::format("   {:>4} {:5.2f} ±{:.2f}{}", entries[i].open, slower.median, slower.spread / 2,
                            good ? "" : fmt::format(" WRONG: {:.1e}", error));
        auto& [logarithms, count] = means[entries[i].open];
        logarithms += std::log(slower.median);
        ++count;
        rows.push_back(JsonObject()
                           .add("case", given.name)
                           .add("open", entries[i].open)
                           .add("times_as_long", slower.median)
                           .add("spread", slower.spread)
                           .add("error", error)
                           .add("schedule", print(entries[i].kernel.schedule())));
    }
    fmt::print("{}\n", line);
    std::fflush(stdout);
    return right;
}

}  // namespace

bool run_dynamic(const DynamicOptions& options) {
    const ResultsFile results(options.json);
    if (options.processor_time) set_thread_count(1);
    fmt::print("times as long as with all sizes known, by the sizes that are left open; {}{}\n", cpu_info().model,
               options.processor_time ? "; one thread, time of the processor" : "");
    Means means;
    std::vector<Json> rows;
    bool right = true, any = false;
    for (const SizedCase& given : cases()) {
        bool wanted = options.names.empty();
        for (const std::string& name : options.names) wanted = wanted || given.name.starts_with(name);
        if (!wanted) continue;
        any = true;
        right = measure(given, options, means, rows) && right;
    }
    if (!any) throw UserError("there is no case whose name begins so");
    std::string line = fmt::format("{:27}", "geometric mean");
    for (const auto& [open, mean] : means)
        line += fmt::format("   {:>4} {:5.2f}", open, std::exp(mean.first / mean.second));
    fmt::print("{}\n", line);
    results.write(JsonObject()
                      .add("cpu", cpu_info().model)
                      .add("gradients", options.gradients)
                      .add("processor_time", options.processor_time)
                      .add("cases", rows));
    return right;
}

}  // namespace heddle::bench
