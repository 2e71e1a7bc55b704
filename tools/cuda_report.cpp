// tools/cuda_report.cpp -- registers, memory and occupancy of compiled kernels, as a table.
#include "tools/cuda_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "codegen/cuda_code.h"
#include "runtime/nvrtc.h"
#include "runtime/timer.h"

namespace heddle::tools {
namespace {

int threads_of(const CudaKernel& kernel) {
    std::int64_t threads = 1;
    for (const Expr& extent : kernel.block)
        if (const auto* constant = extent.as<IntImm>()) threads *= constant->value;
    return static_cast<int>(threads);
}

std::string bytes(int value) { return value < 0 ? "?" : fmt::format("{} B", value); }

}  // namespace

CudaCompilation compile_sources(const std::vector<CudaSource>& sources, int compute_capability) {
    CudaCompilation result;
    const Timer timer;
    for (const CudaSource& source : sources) {
        if (source.kernels.empty()) continue;
        CudaProgram program =
            compile_cuda(source.text, source.kernels[0].name + ".cu", compute_capability, compile_options(source));
        result.warnings += program.warnings;
        for (const CudaKernel& kernel : source.kernels) {
            const auto found = std::find_if(program.kernels.begin(), program.kernels.end(),
                                            [&](const KernelResources& other) { return other.name == kernel.name; });
            require(found != program.kernels.end(), "a compiled source holds its kernels");
            CudaCompilation::Kernel row{*found, threads_of(kernel), kernel.shared_bytes, {}};
            row.occupancy = occupancy(compute_capability, row.block_threads, found->registers,
                                      found->shared_bytes + kernel.shared_bytes);
            result.kernels.push_back(std::move(row));
        }
        result.cubins.push_back(std::move(program.cubin));
    }
    result.seconds = timer.seconds();
    return result;
}

std::string text_of(const CudaCompilation& compilation, std::size_t indent) {
    std::size_t width = 6;
    for (const CudaCompilation::Kernel& kernel : compilation.kernels)
        width = std::max(width, kernel.resources.name.size());
    const std::string margin(indent, ' ');
    std::string text = fmt::format("{}{:{}}  {:>9}  {:>9}  {:>7}  {:>7}  {:>7}  {}\n", margin, "kernel", width,
                                   "registers", "shared", "local", "spilled", "threads", "blocks a multiprocessor");
    for (const CudaCompilation::Kernel& kernel : compilation.kernels) {
        const KernelResources& r = kernel.resources;
        text += fmt::format("{}{:{}}  {:>9}  {:>9}  {:>7}  {:>7}  {:>7}  {}\n", margin, r.name, width, r.registers,
                            bytes(r.shared_bytes + kernel.dynamic_shared_bytes), bytes(r.local_bytes),
                            bytes(r.spill_bytes), kernel.block_threads,
                            kernel.occupancy
                                ? fmt::format("{}, {:.0f}% of its threads, bounded by {}", kernel.occupancy->blocks,
                                              100 * kernel.occupancy->of_threads, kernel.occupancy->limit)
                                : "not known for this compute capability");
    }
    return text + compilation.warnings;
}

}  // namespace heddle::tools
