// tools/run.cpp -- heddle run: executes on given or random data; time, speed and a digest of each output.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "codegen/compile.h"
#include "runtime/hash.h"
#include "runtime/npy.h"
#include "runtime/text.h"
#include "runtime/timer.h"
#include "tools/bound_kernel.h"
#include "tools/json_text.h"
#include "tools/measure.h"
#include "tools/problem.h"
#include "tools/subcommands.h"
#include "tools/tensor_text.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

/// What tells two results apart at a glance.
struct Digest {
    std::string hash;  ///< of the bytes in row-major order, 16 digits
    double least = std::numeric_limits<double>::infinity(), largest = -least, mean = 0;
    std::int64_t not_finite = 0;
};

Digest digest_of(const Buffer& buffer) {
    Digest digest;
    const Buffer packed = buffer.contiguous() ? buffer : buffer.copy();
    const auto bytes = static_cast<std::size_t>(packed.elements() * bytes_of(packed.type()));
    digest.hash = fmt::format("{:016x}", hash_bytes({static_cast<const std::byte*>(packed.data()), bytes})[0]);
    std::int64_t finite = 0;
    for (std::int64_t i = 0; i < packed.elements(); ++i) {
        const void* address = static_cast<const std::byte*>(packed.data()) + i * bytes_of(packed.type());
        const double value = is_float(packed.type()) ? load_float(packed.type(), address)
                                                     : static_cast<double>(load_int(packed.type(), address));
        if (!std::isfinite(value)) continue;
        ++finite;
        digest.least = std::min(digest.least, value);
        digest.largest = std::max(digest.largest, value);
        digest.mean += value;
    }
    digest.mean /= static_cast<double>(std::max<std::int64_t>(finite, 1));
    digest.not_finite = packed.elements() - finite;
    return digest;
}

// `--out y=@y.npy`, checked before anything runs.
std::map<std::string, std::filesystem::path> files_of(const CommandLine& line, const Pipeline& pipeline) {
    std::vector<std::string> outputs;
    for (const AnyTensor& output : pipeline.outputs) outputs.push_back(output.name());
    std::map<std::string, std::filesystem::path> files;
    for (const std::string& text : line.texts("--out")) {
        const auto [name, value] = parse_assignment(text);
        if (std::find(outputs.begin(), outputs.end(), name) == outputs.end())
            throw UserError(fmt::format("--out {}: there is no output '{}'; the outputs are {}{}", text, name,
                                        join(outputs, ", "), did_you_mean(name, outputs)));
        if (value.size() < 2 || value[0] != '@')
            throw UserError(fmt::format("--out {}: write the file as {}=@{}.npy", text, name, name));
        const std::filesystem::path path = value.substr(1);
        const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
        if (std::error_code ignored; !std::filesystem::is_directory(folder, ignored))
            throw UserError(fmt::format("--out {}: there is no folder {}", text, folder.string()));
        files[name] = path;
    }
    return files;
}

int run(const CommandLine& line) {
    const Problem problem = make_problem(line);
    const auto files = files_of(line, problem.pipeline);
    const auto seed = static_cast<std::uint64_t>(line.integer("--seed", 1, 0));
    CompileOptions options;
    options.schedule = schedule_of(line);
    const NamedBuffers inputs = make_inputs(problem, seed);
    const Timer compiling;
    const Kernel kernel = compile(problem.pipeline, target_of(line), options);
    const double compile_seconds = compiling.seconds();

    const NamedBuffers outputs = make_outputs(problem, inputs);
    const BoundKernel bound(kernel, inputs, outputs);
    TimingOptions timing;
    timing.seconds = line.seconds("--time", 0.5);
    const Timing time = time_calls([&] { bound(); }, timing);
    bound.fetch();
    for (const auto& [name, path] : files) write_npy(path, outputs.at(name));

    const bool sized = problem.pipeline.parameters.empty();
    const Cost cost = sized ? cost_of(problem.pipeline) : Cost{};
    const double speed = sized ? cost.operations / time.median : std::nan("");
    if (line.has("--json")) {
        std::vector<Json> results;
        for (const auto& [name, buffer] : outputs) {
            const Digest digest = digest_of(buffer);
            results.push_back(JsonObject()
                                  .add("name", name)
                                  .add("tensor", describe(buffer))
                                  .add("digest", digest.hash)
                                  .add("min", digest.least)
                                  .add("max", digest.largest)
                                  .add("mean", digest.mean)
                                  .add("not_finite", digest.not_finite));
        }
        fmt::print("{}\n", JsonObject()
                               .add("operator", problem.title)
                               .add("target", kernel.target().text())
                               .add("schedule", print(kernel.schedule()))
                               .add("schedule_source", kernel.report().schedule_source)
                               .add("from_cache", kernel.report().from_cache)
                               .add("compile_seconds", compile_seconds)
                               .add("seconds", time.median)
                               .add("spread", time.spread)
                               .add("repetitions", time.repetitions)
                               .add("operations_per_second", speed)
                               .add("outputs", results)
                               .text());
        return 0;
    }
    fmt::print("{}: schedule from {}; {} in {}\n", coloured(Colour::bold, problem.title),
               kernel.report().schedule_source, kernel.report().from_cache ? "taken from the cache" : "compiled",
               format_seconds(compile_seconds));
    fmt::print("  {} a call, median of {} (spread {})", coloured(Colour::green, format_seconds(time.median)),
               time.repetitions, format_seconds(time.spread));
    if (sized) fmt::print("; {:.1f} GFLOP/s", speed * 1e-9);
    if (sized) fmt::print(", {}/s of tensors", format_bytes((cost.input_bytes + cost.output_bytes) / time.median));
    fmt::print("\n");
    for (const auto& [name, buffer] : outputs) {
        const Digest digest = digest_of(buffer);
        fmt::print("  {} {}: {:.4g} to {:.4g}, mean {:.4g}{}  digest {}\n", name, describe(buffer), digest.least,
                   digest.largest, digest.mean,
                   digest.not_finite ? fmt::format(", {} not finite", digest.not_finite) : "", digest.hash);
        if (const auto file = files.find(name); file != files.end())
            fmt::print("  {} written to {}\n", name, file->second.string());
    }
    return 0;
}

}  // namespace

Subcommand run_subcommand() {
    std::vector<OptionRow> options = problem_options();
    options.insert(options.end(), {{"--out", "y=@y.npy", "writes an output to a file; may be repeated"},
                                   {"--seed", "N", "of the random data for inputs without a file (1)"},
                                   {"--time", "TIME", "to spend on repetitions (500ms)"},
                                   {"--json", "", "one JSON object, for other programs"}});
    return {"run",
            "runs on given or random data: time, speed, a digest of the results",
            "run OPERATOR tensor=... parameter=... | run -e TEXT tensor=...",
            options,
            {"heddle run conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1",
             "heddle run conv2d x=@photo.npy w=@edges.npy padding=2 padding_mode=reflect --out y=@edges_of_photo.npy",
             "heddle run -e \"y[n] += x[n,c]\" x=f32:1000x1000"},
            run};
}

}  // namespace heddle::tools
