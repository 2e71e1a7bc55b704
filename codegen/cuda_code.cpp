// codegen/cuda_code.cpp -- compiled CUDA code of a plan, and its launches.
#include "codegen/cuda_code.h"

#include <algorithm>
#include <iterator>

#include "codegen/cuda_kernel_limits.h"
#include "codegen/run_time_sizes.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "runtime/kernel_cache.h"
#include "runtime/nvrtc_version.h"
#include "runtime/timer.h"

namespace heddle {
namespace {

KernelReports& reports_in(const Buffer& buffer) { return *static_cast<KernelReports*>(buffer.data()); }

unsigned size_of(const Expr& extent, const RunTimeSizes& sizes, const std::string& kernel) {
    const std::int64_t value = value_of(extent, sizes);
    if (value > 0x7fffffff)
        throw UserError(kernel + " needs " + std::to_string(value) +
                        " blocks in one direction, a grid has at most 2147483647");
    return static_cast<unsigned>(std::max<std::int64_t>(0, value));
}

LaunchShape shape_of(const CudaKernel& kernel, const RunTimeSizes& sizes) {
    LaunchShape shape;
    for (std::size_t i = 0; i < 3; ++i) {
        shape.grid[i] = size_of(kernel.grid[i], sizes, kernel.name);
        shape.block[i] = size_of(kernel.block[i], sizes, kernel.name);
        shape.cluster[i] = static_cast<unsigned>(kernel.cluster[i]);
    }
    shape.shared_bytes = kernel.shared_bytes;
    shape.dependent = kernel.dependent;
    return shape;
}

bool constant_shape(const CudaKernel& kernel) {
    const auto constant = [](const Expr& extent) { return extent.as<IntImm>() != nullptr; };
    return std::all_of(std::begin(kernel.grid), std::end(kernel.grid), constant) &&
           std::all_of(std::begin(kernel.block), std::end(kernel.block), constant);
}

TensorMap map_of(const TensorMapParameter& parameter, const RunTimeSizes& sizes, TensorMapCache& cache,
                 const void* base) {
    TensorMapRecipe recipe = parameter.recipe;
    for (std::size_t d = 0; d < parameter.sizes.size(); ++d) recipe.sizes[d] = value_of(parameter.sizes[d], sizes);
    for (std::size_t d = 0; d < parameter.byte_strides.size(); ++d)
        recipe.byte_strides[d] = value_of(parameter.byte_strides[d], sizes);
    try {
        return cache.find(recipe, base);
    } catch (const UserError& error) {
        throw UserError(parameter.buffer.name() + ": " + error.message());
    }
}

std::vector<int> places_of(const std::vector<AnyTensor>& buffers, const std::vector<AnyTensor>& parameters) {
    std::vector<int> places;
    for (const AnyTensor& buffer : buffers) {
        const auto found = std::find(parameters.begin(), parameters.end(), buffer);
        require(found != parameters.end(), "a kernel's buffers are parameters of its function");
        places.push_back(static_cast<int>(found - parameters.begin()));
    }
    return places;
}

LoadedCudaPlan::Launch loaded(const CudaModule& module, const CudaKernel& kernel,
                              const std::vector<AnyTensor>& parameters) {
    LoadedCudaPlan::Launch launch;
    launch.function = module.function(kernel.name);
    launch.kernel = kernel;
    launch.buffers = places_of(kernel.buffers, parameters);
    std::vector<AnyTensor> mapped;
    for (const TensorMapParameter& map : kernel.tensor_maps) {
        mapped.push_back(map.buffer);
        launch.maps.push_back(std::make_shared<TensorMapCache>());
    }
    launch.mapped_buffers = places_of(mapped, parameters);
    if (constant_shape(kernel)) launch.shape = shape_of(kernel, {});
    return launch;
}

}  // namespace

CudaCompileOptions compile_options(const CudaSource& source) {
    CudaCompileOptions options;
    options.specific_features = std::any_of(source.kernels.begin(), source.kernels.end(),
                                            [](const CudaKernel& kernel) { return kernel.specific_features; });
    return options;
}

std::vector<std::vector<std::byte>> cuda_binaries(const std::vector<CudaSource>& sources, const Target& target,
                                                  bool use_cache, CompileReport& report) {
    std::vector<std::vector<std::byte>> binaries;
    report.from_cache = true;
    const KernelCache& cache = KernelCache::standard();
    const std::string version = use_cache ? remembered_nvrtc_version(cache) : nvrtc_version();
    for (const CudaSource& source : sources) {
        for (const CudaKernel& kernel : source.kernels) check_limits(kernel, target);
        const CudaCompileOptions options = compile_options(source);
        const std::string key = "cuda " + std::to_string(codegen_version) + "\nNVRTC " + version + "\n" +
                                architecture_name(target.compute_capability, options.specific_features) + "\n" +
                                source.text;
        if (use_cache)
            if (auto binary = cache.load(key)) {
                binaries.push_back(std::move(*binary));
                continue;
            }
        report.from_cache = false;
        Timer timer;
        const std::string name = source.kernels.empty() ? "heddle" : source.kernels[0].name;
        binaries.push_back(compile_cuda(source.text, name + ".cu", target.compute_capability, options).cubin);
        report.llvm += timer.seconds();
        if (use_cache) cache.store(key, binaries.back());
    }
    return binaries;
}

LoadedCudaPlan load_cuda_code(const LoweredPlan& plan, const Schedule& schedule,
                              const std::map<const TensorNode*, std::vector<std::int64_t>>& strides, bool aligned,
                              const Target& target, bool use_cache, CompileReport& report) {
    Timer emit_timer;
    const std::vector<CudaSource> sources = cuda_sources(plan, schedule, strides, aligned);
    report.emit = emit_timer.seconds();
    const auto binaries = cuda_binaries(sources, target, use_cache, report);
    Timer load_timer;
    LoadedCudaPlan result;
    cuda_context();
    result.device = current_cuda_device().index;
    bool checks = false;
    for (std::size_t step = 0; step < sources.size(); ++step) {
        const CudaSource& source = sources[step];
        const std::vector<AnyTensor>& parameters = plan.plan.steps[step].function.parameters;
        result.steps.emplace_back();
        result.messages.insert(result.messages.end(), source.messages.begin(), source.messages.end());
        if (source.kernels.empty()) continue;
        const CudaModule module(binaries[step], source.kernels[0].name);
        for (const CudaKernel& kernel : source.kernels) {
            checks = checks || kernel.reports;
            result.steps.back().push_back(loaded(module, kernel, parameters));
        }
    }
    if (checks) {
        Buffer none(i64, {static_cast<std::int64_t>(sizeof(KernelReports) / sizeof(std::int64_t))});
        reports_in(none) = {};
        result.reports = to_device(none);
    }
    report.load = load_timer.seconds();
    return result;
}

void launch_step(const LoadedCudaPlan& plan, std::size_t step, std::span<void* const> addresses,
                 const std::vector<Symbol>& symbols, std::span<const std::int64_t> sizes, CudaStream stream) {
    RunTimeSizes values;
    for (std::size_t i = 0; i < symbols.size(); ++i) values[symbols[i]] = sizes[i];
    for (const LoadedCudaPlan::Launch& planned : plan.steps[step]) {
        std::vector<TensorMap> maps;
        std::vector<void*> pointers;
        for (std::size_t i = 0; i < planned.maps.size(); ++i)
            maps.push_back(map_of(planned.kernel.tensor_maps[i], values, *planned.maps[i],
                                  addresses[static_cast<std::size_t>(planned.mapped_buffers[i])]));
        for (const int place : planned.buffers) pointers.push_back(addresses[static_cast<std::size_t>(place)]);
        std::vector<std::int64_t> numbers(sizes.begin(), sizes.end());
        void* reports = planned.kernel.reports ? plan.reports.data() : nullptr;
        std::vector<void*> parameters;
        for (TensorMap& map : maps) parameters.push_back(&map);
        for (void*& pointer : pointers) parameters.push_back(&pointer);
        for (std::int64_t& number : numbers) parameters.push_back(&number);
        if (planned.kernel.reports) parameters.push_back(&reports);
        launch(planned.function, planned.shape ? *planned.shape : shape_of(planned.kernel, values), parameters, stream);
    }
}

void check_reports(const LoadedCudaPlan& plan, CudaStream stream) {
    if (!plan.reports.device()) return;
    const Buffer host = to_host(plan.reports, stream);
    const KernelReports reports = reports_in(host);
    if (reports.failed_check < 0) return;
    reports_in(host) = {};
    copy_to_device(plan.reports.data(), host.data(), sizeof(KernelReports), stream);
    synchronize(stream);
    throw UserError(message_of(plan.messages, reports));
}

}  // namespace heddle
