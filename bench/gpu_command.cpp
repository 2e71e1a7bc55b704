// bench/gpu_command.cpp -- options of the subcommands for CUDA devices.
#include "bench/gpu_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/gpu.h"
#include "bench/roofline.h"
#include "runtime/error.h"
#include "tools/json_fields.h"

namespace heddle::bench {

using tools::parse_json;
using tools::text_of_file;
namespace {

struct GpuGiven {
    std::string file;
    std::vector<std::string> layers, types, directions, layouts;
    bool list = false;
    GpuOptions options;
};

void list_layers(const std::vector<GpuLayer>& layers) {
    for (const GpuLayer& l : layers)
        fmt::print("{:28} {:24} N {} C {} H {} W {} K {} R {} S {} P {} Q {}\n", l.name, name_of(l.kind), l.N, l.C, l.H,
                   l.W, l.K, l.R, l.S, l.P, l.Q);
}

int run(GpuGiven& given) {
    const std::vector<GpuLayer> layers = select_gpu_layers(read_gpu_tables(given.file), given.layers);
    if (given.list) {
        list_layers(layers);
        return 0;
    }
    std::vector<Direction> directions;
    std::vector<Arithmetic> arithmetics;
    for (const std::string& name : given.directions) directions.push_back(direction_named(name));
    for (const std::string& name : given.types) arithmetics.push_back(arithmetic_named(name));
    given.options.cases = gpu_cases(layers, directions, arithmetics);
    given.options.race.layouts.clear();
    for (const std::string& name : given.layouts)
        given.options.race.layouts.push_back(name == "nhwc" ? ActivationLayout::nhwc : ActivationLayout::nchw);
    return run_gpu(given.options) ? 0 : 1;
}

}  // namespace

void add_gpu(CLI::App& program, int& status) {
    auto given = std::make_shared<GpuGiven>();
    given->types = {"f32"};
    given->layouts = {"nchw", "nhwc"};
    CLI::App& command =
        *program.add_subcommand("gpu", "layers on a CUDA device: Heddle, cuDNN and cuBLAS side by side");
    command.add_option("--file", given->file, "table of layers, as JSON; those of bench/layers when absent");
    command.add_option("--layers", given->layers, "names of layers or tables, with commas between; all when absent")
        ->delimiter(',');
    command.add_option("--type", given->types, "f32, tf32, f16, bf16, with commas between")
        ->delimiter(',')
        ->capture_default_str();
    command.add_option("--direction", given->directions, "forward, dx, dw, forward+dx; all when absent")
        ->delimiter(',');
    command.add_option("--layout", given->layouts, "nchw, nhwc")
        ->delimiter(',')
        ->check(CLI::IsMember({"nchw", "nhwc"}))
        ->capture_default_str();
    command.add_option("--schedule", given->options.race.schedules, "measure this schedule too (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--time", given->options.race.rounds.seconds, "to measure each case: 500ms")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"ms", 1e-3}, {"m", 60}}));
    command.add_option("--rounds", given->options.race.rounds.most, "at most")
        ->check(CLI::Range(3, 100000))
        ->capture_default_str();
    command.add_option("--peers-json", given->options.peers_json, "times that bench/pytorch_peers.py has written");
    command.add_option("--json", given->options.json, "write the results to this file");
    command.add_flag("--list", given->list, "say which layers there are, and measure nothing");
    command.callback([given, &status] { status = run(*given); });
}

void add_roofline(CLI::App& program) {
    struct Given {
        std::string results, output = "roofline.svg";
    };
    auto given = std::make_shared<Given>();
    CLI::App& command = *program.add_subcommand("roofline", "a picture of results: rates against operations a byte");
    command.add_option("results", given->results, "what gpu --json wrote")->required();
    command.add_option("-o,--output", given->output, "the picture, SVG")->capture_default_str();
    command.callback([given] {
        const GpuReport report = report_of(parse_json(text_of_file(given->results), given->results), given->results);
        const std::string picture = roofline_svg(report);
        std::ofstream stream(given->output);
        stream << picture;
        stream.close();
        if (!stream) throw UserError(given->output + " cannot be written");
    });
}

}  // namespace heddle::bench
