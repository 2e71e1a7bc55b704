// tools/demo_cuda.cpp -- CUDA source, resources and a run.
#include "tools/demo_cuda.h"

#include <fmt/format.h>

#include "codegen/cuda_plan.h"
#include "runtime/cuda_driver.h"
#include "runtime/nvrtc.h"
#include "runtime/text.h"
#include "schedules/compare.h"
#include "tools/bound_kernel.h"
#include "tools/cuda_report.h"
#include "tools/measure.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

std::vector<CudaSource> sources_for(const Problem& problem, int capability) {
    const Target target = Target::cuda(capability);
    const Schedule schedule = default_schedule(problem.pipeline, target);
    return cuda_sources(make_plan(problem.pipeline, schedule, target), schedule);
}

void show_resources(const Problem& problem) {
    if (const auto missing = nvrtc_problem()) {
        fmt::print("   not compiled here: {}\n", *missing);
        return;
    }
    for (const int capability : {80, 90}) {
        const CudaCompilation compiled = compile_sources(sources_for(problem, capability), capability);
        fmt::print("   compiled for {} by NVRTC {} in {}\n{}", architecture_name(capability), nvrtc_version(),
                   format_seconds(compiled.seconds), text_of(compiled, 5));
    }
}

bool run_on_device(const Problem& problem) {
    const auto missing = cuda_problem();
    if (missing || nvrtc_problem()) {
        fmt::print("   not run here: {}\n", missing ? *missing : *nvrtc_problem());
        return true;
    }
    const CudaDevice& device = current_cuda_device();
    const NamedBuffers inputs = make_inputs(problem, 1, true), outputs = make_outputs(problem, inputs),
                       expected = make_outputs(problem, inputs);
    CompileOptions options;
    options.use_database = false;
    const BoundKernel kernel(compile(problem.pipeline, Target::cuda(device.compute_capability), options), inputs,
                             outputs);
    const Timing timing = time_calls([&] { kernel(); });
    kernel.fetch();
    compile(problem.pipeline, Target::host(), options)(bind(inputs, expected));
    bool right = true;
    for (const auto& [name, buffer] : outputs) {
        const Comparison found = compare(buffer, expected.at(name));
        right &= found.different == 0;
        fmt::print("   {} on {}: {} a call, {:.1f} GFLOP/s; {} of whole numbers is {} the host's, to the last bit\n",
                   architecture_name(device.compute_capability), device.name, format_seconds(timing.median),
                   cost_of(problem.pipeline).operations / timing.median * 1e-9, name,
                   found.different == 0 ? coloured(Colour::green, "equal to") : coloured(Colour::red, "NOT"));
    }
    return right;
}

}  // namespace

bool show_cuda(const Problem& problem) {
    for (const CudaSource& source : sources_for(problem, 90)) {
        std::string text = "     " + source.text;
        for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at)
            if (at + 1 < text.size() && text[at + 1] != '\n') text.insert(at + 1, "     ");
        fmt::print("{}\n", text);
    }
    show_resources(problem);
    return run_on_device(problem);
}

}  // namespace heddle::tools
