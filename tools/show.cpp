// tools/show.cpp -- heddle show: every stage on the way from a definition to machine code, as text.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/cuda_code.h"
#include "codegen/emit_llvm.h"
#include "codegen/make_plan.h"
#include "dsl/print.h"
#include "runtime/cuda_toolkit.h"
#include "runtime/text.h"
#include "tools/access_report.h"
#include "tools/chosen_schedule.h"
#include "tools/columns_report.h"
#include "tools/cost_report.h"
#include "tools/cuda_report.h"
#include "tools/derivation_report.h"
#include "tools/gradient_problem.h"
#include "tools/hot_loop.h"
#include "tools/problem.h"
#include "tools/space_report.h"
#include "tools/subcommands.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

// What the stages look at; the plan is made when the first of them needs it.
class Exhibit {
public:
    explicit Exhibit(const CommandLine& line)
        : problem(make_problem(line)), gradient(line.has("--grad")), target(target_of(line)) {
        ChosenSchedule chosen = chosen_schedule(line, problem, target);
        schedule = std::move(chosen.schedule);
        source = std::move(chosen.source);
    }
    const LoweredPlan& plan() {
        if (!plan_) {
            LowerOptions options;
            options.keep_texts = true;
            plan_ = make_plan(problem.pipeline, schedule, target, options);
        }
        return *plan_;
    }

    /// Stages of the one target mean nothing for the other.
    void require_target(TargetKind kind, std::string_view stage) const {
        if (target.kind == kind) return;
        throw UserError(fmt::format("stage {} is for {}, the target is {}: give --target {}", stage,
                                    kind == TargetKind::cuda ? "CUDA" : "the host", target.text(),
                                    kind == TargetKind::cuda ? "cuda:sm_90" : "host"));
    }
    std::vector<CudaSource> cuda(std::string_view stage) {
        require_target(TargetKind::cuda, stage);
        return cuda_sources(plan(), schedule);
    }

    Problem problem;
    bool gradient;  ///< the problem is one already
    Target target;
    Schedule schedule;
    std::string source;

private:
    std::optional<LoweredPlan> plan_;
};

void show_definition(Exhibit& exhibit) {
    fmt::print("{}\n\n", print(exhibit.problem.written));
    for (const PipelineStage& stage : exhibit.problem.written.stages)
        fmt::print("{}\n", print_mathematics(*stage.definition));
}
void show_cost(Exhibit& exhibit) { fmt::print("{}", text_of(cost_report(exhibit.problem.pipeline))); }
void show_access(Exhibit& exhibit) { fmt::print("{}", access_report(exhibit.problem.pipeline)); }
void show_gather(Exhibit& exhibit) { fmt::print("{}", gather_report(exhibit.problem.written)); }
void show_gradient(Exhibit& exhibit) {
    fmt::print("{}", print(exhibit.gradient ? exhibit.problem.written : gradient_of(exhibit.problem, "all").written));
}
void show_matrix(Exhibit& exhibit) { fmt::print("{}", matrix_report(exhibit.problem.written)); }
void show_columns(Exhibit& exhibit) { fmt::print("{}", columns_report(exhibit.problem.written)); }
void show_schedule(Exhibit& exhibit) {
    fmt::print("{}\n{}\n\n{}\n",
               coloured(Colour::grey, fmt::format("# {}, for {}", exhibit.source, exhibit.target.text())),
               print(exhibit.schedule), print_cpp(exhibit.schedule));
}
void show_space(Exhibit& exhibit) { fmt::print("{}", space_report(exhibit.problem.pipeline, exhibit.target)); }
void show_loops(Exhibit& exhibit) {
    fmt::print("{}", print(scheduled_nest(exhibit.problem.pipeline, exhibit.schedule, exhibit.target)));
}
void show_passes(Exhibit& exhibit) {
    const LoweredPlan& plan = exhibit.plan();
    for (std::size_t step = 0; step < plan.reports.size(); ++step)
        for (const PassReport& report : plan.reports[step])
            fmt::print("{}\n{}\n",
                       coloured(Colour::bold, fmt::format("// {}, after {} ({})", plan.plan.steps[step].function.name,
                                                          report.name, format_seconds(report.seconds))),
                       report.text);
}
void show_cuda(Exhibit& exhibit) {
    for (const CudaSource& source : exhibit.cuda("cuda")) fmt::print("{}\n", source.text);
}
void show_ptx(Exhibit& exhibit) {
    for (const CudaSource& source : exhibit.cuda("ptx"))
        if (!source.kernels.empty())
            fmt::print("{}\n", compile_ptx(source.text, source.kernels[0].name + ".cu",
                                           exhibit.target.compute_capability, compile_options(source)));
}
void show_sass(Exhibit& exhibit) {
    const auto compiled = compile_sources(exhibit.cuda("sass"), exhibit.target.compute_capability);
    for (const std::vector<std::byte>& cubin : compiled.cubins) fmt::print("{}\n", disassemble_cubin(cubin));
}
void show_resources(Exhibit& exhibit) {
    fmt::print("{}", text_of(compile_sources(exhibit.cuda("resources"), exhibit.target.compute_capability)));
}
void show_llvm(Exhibit& exhibit) {
    exhibit.require_target(TargetKind::host, "llvm");
    fmt::print("{}", emit_host_text(host_inputs(exhibit.plan()), exhibit.target, HostText::llvm));
}
void show_assembly(Exhibit& exhibit) {
    exhibit.require_target(TargetKind::host, "asm");
    fmt::print("{}", emit_host_text(host_inputs(exhibit.plan()), exhibit.target, HostText::assembly));
}
void show_hot_loop(Exhibit& exhibit) {
    exhibit.require_target(TargetKind::host, "hot");
    const HotLoop loop = hot_loop(emit_host_text(host_inputs(exhibit.plan()), exhibit.target, HostText::assembly));
    if (loop.instructions == 0) {
        fmt::print("no loop\n");
        return;
    }
    fmt::print("{}\n{}",
               coloured(Colour::grey, fmt::format("# {} instructions, {} multiply-adds, {} loads, {} stores",
                                                  loop.instructions, loop.multiply_adds, loop.loads, loop.stores)),
               loop.text);
}

struct Stage {
    std::string_view name, title;
    void (*show)(Exhibit&);
    bool by_default;
};
constexpr Stage stages[] = {
    {"definition", "definition", show_definition, true},
    {"cost", "cost", show_cost, true},
    {"access", "reads", show_access, false},
    {"gather", "scatters as gathers", show_gather, false},
    {"gradient", "gradients", show_gradient, false},
    {"matrix", "the output as a matrix times x", show_matrix, false},
    {"im2col", "columns and matrix products", show_columns, false},
    {"schedule", "schedule", show_schedule, true},
    {"space", "what tuning can choose", show_space, false},
    {"loops", "loop nest", show_loops, true},
    {"passes", "statements after each pass", show_passes, false},
    {"llvm", "LLVM IR", show_llvm, false},
    {"asm", "assembly", show_assembly, false},
    {"hot", "the hot loop's assembly", show_hot_loop, false},
    {"cuda", "CUDA C++", show_cuda, false},
    {"ptx", "PTX", show_ptx, false},
    {"sass", "SASS, the device's assembly", show_sass, false},
    {"resources", "registers and memory of the CUDA kernels", show_resources, false},
};

const Stage& stage_named(const std::string& name) {
    std::vector<std::string> known;
    for (const Stage& stage : stages) {
        if (stage.name == name) return stage;
        known.emplace_back(stage.name);
    }
    throw UserError(
        fmt::format("there is no stage '{}'; there are {}{}", name, join(known, ", "), did_you_mean(name, known)));
}

int run(const CommandLine& line) {
    std::vector<const Stage*> wanted;
    for (std::string names : line.texts("--stage")) {
        for (std::size_t comma; (comma = names.find(',')) != std::string::npos; names.erase(0, comma + 1))
            wanted.push_back(&stage_named(names.substr(0, comma)));
        wanted.push_back(&stage_named(names));
    }
    Exhibit exhibit(line);
    if (wanted.size() == 1) {  // alone: nothing but the text, for other programs
        wanted[0]->show(exhibit);
        return 0;
    }
    const bool has_cost = exhibit.problem.pipeline.parameters.empty();
    if (wanted.empty())
        for (const Stage& stage : stages)
            if (stage.by_default && (has_cost || stage.name != "cost")) wanted.push_back(&stage);
    for (const Stage* stage : wanted) {
        fmt::print("{}\n", coloured(Colour::bold, fmt::format("-- {}", stage->title)));
        stage->show(exhibit);
        fmt::print("\n");
    }
    return 0;
}

}  // namespace

Subcommand show_subcommand() {
    std::vector<OptionRow> options = problem_options();
    options.insert(options.begin(),
                   {"--stage", "NAMES",
                    "definition, cost, access, gather, gradient, matrix, im2col, schedule, space, loops, "
                    "passes, llvm, asm, hot; cuda, ptx, sass, resources"});
    options.push_back(default_option());
    return {"show",
            "prints what becomes of a definition on its way to machine code",
            "show OPERATOR tensor=... parameter=... [--stage NAME[,NAME]]",
            options,
            {"heddle show conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1",
             "heddle show conv2d x=f32:1x3x32x32 w=f32:8x3x5x5 --stage access",
             "heddle show conv2d x=f32:1x3x32x32 w=f32:8x3x5x5 stride=2 --grad x,w --stage gather",
             "heddle show conv2d x=f32:1x1x4x4 w=f32:1x1x3x3 --stage matrix,im2col",
             "heddle show -e \"y[n] += x[n,c]\" x=f32:64x1000 --stage loops --schedule \"y: parallel(n)\"",
             "heddle show -e \"y[n] += x[n,c]\" x=f32:64x1000 --stage hot",
             "heddle show max_pool2d x=f32:8x64x56x56 kernel_size=2 --stage space",
             "heddle show conv2d x=f32:1x3x32x32 w=f32:8x3x5x5 --target cuda:sm_90 --stage cuda,resources"},
            run};
}

}  // namespace heddle::tools
