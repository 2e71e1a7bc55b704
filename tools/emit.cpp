// tools/emit.cpp -- heddle emit: an operator as files for C programs, which need no Heddle.
#include <fmt/format.h>

#include "codegen/export.h"
#include "runtime/nvrtc.h"
#include "runtime/text.h"
#include "tools/chosen_schedule.h"
#include "tools/subcommands.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

void write(const std::filesystem::path& folder, const std::vector<ExportedFile>& files, bool replace) {
    write_files(folder, files, replace);
    for (const ExportedFile& file : files)
        fmt::print("  {}  {}\n", (folder / file.name).string(), format_bytes(static_cast<double>(file.content.size())));
}

int run(const CommandLine& line) {
    const Problem problem = make_problem(line);
    ExportOptions options;
    options.name = line.text("--name").value_or(problem.title);
    options.target = target_of(line);
    const ChosenSchedule chosen = chosen_schedule(line, problem, options.target);
    options.schedule = chosen.schedule;
    const std::filesystem::path folder = line.text("-o").value_or(".");
    const bool on_device = options.target.kind == TargetKind::cuda, replace = line.has("--force");
    if (line.has("--source") && !on_device)
        throw UserError(
            fmt::format("--source is for CUDA, the target is {}: 'heddle show --stage llvm,asm' prints the "
                        "code for the host",
                        options.target.text()));
    const auto missing = on_device ? nvrtc_problem() : std::nullopt;
    const bool source_only = on_device && (line.has("--source") || missing);
    const std::vector<ExportedFile> files = source_only ? export_cuda_source(problem.pipeline, options)
                                            : on_device ? export_cuda(problem.pipeline, options)
                                                        : export_host(problem.pipeline, options);
    fmt::print("{}: for {}, {} schedule\n", coloured(Colour::bold, options.name), options.target.text(), chosen.source);
    write(folder, files, replace);
    if (!missing || line.has("--source")) return 0;
    std::fflush(stdout);
    throw UserError(fmt::format("only the source is written, {0}.c and {0}.h with its machine code are not: {1}",
                                options.name, *missing));
}

}  // namespace

Subcommand emit_subcommand() {
    std::vector<OptionRow> options = problem_options();
    options.insert(options.end(), {{"-o", "FOLDER", "where the files go; it is made where it is missing (.)"},
                                   {"--name", "NAME", "of the launch function and the files (the operator's)"},
                                   {"--force", "", "replaces files that are there already"},
                                   {"--source", "", "CUDA: the source alone, which needs no NVRTC"},
                                   default_option()});
    return {"emit",
            "writes an operator as object or CUDA code with a C header; programs that use it need no Heddle",
            "emit OPERATOR tensor=... parameter=... [-o FOLDER] [--name NAME]",
            options,
            {"heddle emit conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1 -o build --name conv",
             "cc main.c build/conv.o -lm                                # int conv(const float* x, const float* w, "
             "float* y)",
             "heddle emit -e \"N in [1,4096]; x: f32[N,64]; y[n] += x[n,c]\" --name row_sums --target host:avx2",
             "heddle emit -e \"y[n] += x[n,c]\" x=f32:1000x1000 --target cuda:sm_90 -o build --name row_sums",
             "cc main.c build/row_sums.c -lcuda"},
            run};
}

}  // namespace heddle::tools
