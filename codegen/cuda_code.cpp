// codegen/cuda_code.cpp -- compiled CUDA code of a plan, and its launches.
#include "codegen/cuda_code.h"

#include <algorithm>

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "runtime/kernel_cache.h"
#include "runtime/nvrtc.h"
#include "runtime/timer.h"

namespace heddle {
namespace {

unsigned size_of(const Expr& extent, const Substitution& sizes, const std::string& kernel) {
    const Expr value = extent.as<IntImm>() ? extent : simplify(substitute(extent, sizes));
    const auto* constant = value.as<IntImm>();
    require(constant != nullptr, "a launch shape is known once all sizes are");
    if (constant->value > 0x7fffffff)
        throw UserError(kernel + " needs " + std::to_string(constant->value) +
                        " blocks in one direction, a grid has at most 2147483647");
    return static_cast<unsigned>(std::max<std::int64_t>(0, constant->value));
}

}  // namespace

std::vector<std::vector<std::byte>> cuda_binaries(const std::vector<CudaSource>& sources, const Target& target,
                                                  bool use_cache, CompileReport& report) {
    std::vector<std::vector<std::byte>> binaries;
    report.from_cache = true;
    for (const CudaSource& source : sources) {
        const std::string key = "cuda " + std::to_string(codegen_version) + "\nNVRTC " + nvrtc_version() + "\n" +
                                target.text() + "\n" + source.text;
        if (use_cache)
            if (auto binary = KernelCache::standard().load(key)) {
                binaries.push_back(std::move(*binary));
                continue;
            }
        report.from_cache = false;
        Timer timer;
        const std::string name = source.kernels.empty() ? "heddle" : source.kernels[0].name;
        binaries.push_back(compile_cuda(source.text, name + ".cu", target.compute_capability).cubin);
        report.llvm += timer.seconds();
        if (use_cache) KernelCache::standard().store(key, binaries.back());
    }
    return binaries;
}

LoadedCudaPlan load_cuda_code(const LoweredPlan& plan, const Schedule& schedule,
                              const std::map<const TensorNode*, std::vector<std::int64_t>>& strides,
                              const Target& target, bool use_cache, CompileReport& report) {
    Timer emit_timer;
    const std::vector<CudaSource> sources = cuda_sources(plan, schedule, strides);
    report.emit = emit_timer.seconds();
    const auto binaries = cuda_binaries(sources, target, use_cache, report);
    Timer load_timer;
    LoadedCudaPlan result;
    bool checks = false;
    for (std::size_t step = 0; step < sources.size(); ++step) {
        const CudaSource& source = sources[step];
        const std::vector<AnyTensor>& parameters = plan.plan.steps[step].function.parameters;
        result.steps.emplace_back();
        result.messages.insert(result.messages.end(), source.messages.begin(), source.messages.end());
        if (source.kernels.empty()) continue;
        const CudaModule module(binaries[step], source.kernels[0].name);
        for (const CudaKernel& kernel : source.kernels) {
            LoadedCudaPlan::Launch launch{module.function(kernel.name), kernel, {}};
            for (const AnyTensor& buffer : kernel.buffers)
                launch.buffers.push_back(
                    static_cast<int>(std::find(parameters.begin(), parameters.end(), buffer) - parameters.begin()));
            checks = checks || kernel.reports;
            result.steps.back().push_back(std::move(launch));
        }
    }
    if (checks) {
        Buffer none(i64, {static_cast<std::int64_t>(sizeof(KernelReports) / sizeof(std::int64_t))});
        none.as<KernelReports>()[0] = KernelReports{};
        result.reports = to_device(none);
    }
    report.load = load_timer.seconds();
    return result;
}

void launch_step(const LoadedCudaPlan& plan, std::size_t step, std::span<void* const> addresses,
                 const std::vector<Symbol>& symbols, std::span<const std::int64_t> sizes, CudaStream stream) {
    Substitution values;
    for (std::size_t i = 0; i < symbols.size(); ++i) values[symbols[i]] = Expr::integer(sizes[i]);
    for (const LoadedCudaPlan::Launch& planned : plan.steps[step]) {
        std::vector<void*> pointers;
        for (const int place : planned.buffers) pointers.push_back(addresses[static_cast<std::size_t>(place)]);
        std::vector<std::int64_t> numbers(sizes.begin(), sizes.end());
        void* reports = planned.kernel.reports ? plan.reports.data() : nullptr;
        std::vector<void*> parameters;
        for (void*& pointer : pointers) parameters.push_back(&pointer);
        for (std::int64_t& number : numbers) parameters.push_back(&number);
        if (planned.kernel.reports) parameters.push_back(&reports);
        LaunchShape shape;
        for (std::size_t i = 0; i < 3; ++i) {
            shape.grid[i] = size_of(planned.kernel.grid[i], values, planned.kernel.name);
            shape.block[i] = size_of(planned.kernel.block[i], values, planned.kernel.name);
        }
        launch(planned.function, shape, parameters, stream);
    }
}

void check_reports(const LoadedCudaPlan& plan, CudaStream stream) {
    if (!plan.reports.device()) return;
    const Buffer host = to_host(plan.reports, stream);
    const KernelReports reports = host.as<KernelReports>()[0];
    if (reports.failed_check < 0) return;
    host.as<KernelReports>()[0] = KernelReports{};
    copy_to_device(plan.reports.data(), host.data(), sizeof(KernelReports), stream);
    synchronize(stream);
    throw UserError(message_of(plan.messages, reports));
}

}  // namespace heddle
