// runtime/cuda_module.cpp -- modules and launches, checked against the device's limits before the driver sees them.
#include "runtime/cuda_module.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>

#include "runtime/cuda_driver.h"
#include "runtime/error.h"

namespace heddle {

struct CudaModule::State {
    std::string name;
    CUmod_st* handle = nullptr;
    CudaContext context = nullptr;
    CudaDevice device;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (handle == nullptr) return;
        if (const CudaContextScope scope(context); scope.entered()) cuda_api().unload_module(handle);
    }
};

struct CudaFunction::State {
    std::string name;
    CUfunc_st* handle = nullptr;
    std::shared_ptr<const CudaModule::State> module;
    int max_threads = 0, registers = 0, local_bytes = 0, static_shared_bytes = 0, max_dynamic_shared_bytes = 0;
};

namespace {

// Numbers of CUfunction_attribute.
constexpr int max_threads_per_block = 0, shared_size_bytes = 1, local_size_bytes = 3, register_count = 4,
              max_dynamic_shared_size_bytes = 8;

/// Remembers what was launched last, for the error of a fault, which surfaces in a later call.
struct LastLaunch {
    std::mutex mutex;
    std::string kernel;
    LaunchShape shape;
};
LastLaunch& last_launch() {
    static LastLaunch last;
    return last;
}

std::string label(const CudaFunction& function, const LaunchShape& shape) {
    return fmt::format("kernel '{}' {}", function.name(), describe(shape));
}

std::string device_text(const CudaDevice& device) {
    return fmt::format("CUDA device {} ({}, sm_{})", device.index, device.name, device.compute_capability);
}

bool clustered(const LaunchShape& shape) { return shape.cluster != std::array<unsigned, 3>{1, 1, 1}; }

void check_shape(const CudaFunction::State& state, const CudaFunction& function, const LaunchShape& shape) {
    constexpr std::array<unsigned, 3> most_blocks = {2147483647, 65535, 65535}, most_threads = {1024, 1024, 64};
    const auto refuse = [&](const std::string& reason) {
        throw UserError(fmt::format("{}: {}; {}", label(function, shape), reason, device_text(state.module->device)));
    };
    std::uint64_t threads = 1;
    for (std::size_t d = 0; d < 3; ++d) {
        const char axis = "xyz"[d];
        threads *= shape.block[d];
        if (shape.block[d] == 0 || shape.block[d] > most_threads[d])
            refuse(fmt::format("{} threads in {}; a block has 1 to {} there", shape.block[d], axis, most_threads[d]));
        if (shape.grid[d] > most_blocks[d])
            refuse(fmt::format("{} blocks in {}; a grid has at most {} there", shape.grid[d], axis, most_blocks[d]));
    }
    if (threads > static_cast<std::uint64_t>(state.max_threads))
        refuse(fmt::format("a block of {} threads; with its {} registers a thread the kernel can have {}", threads,
                           state.registers, state.max_threads));
    if (shape.shared_bytes < 0 || shape.shared_bytes > state.max_dynamic_shared_bytes)
        refuse(fmt::format("{} B of dynamic shared memory beside {} B of static; the device allows {} B together",
                           shape.shared_bytes, state.static_shared_bytes,
                           std::max(state.module->device.shared_bytes_opt_in, state.module->device.shared_bytes)));
}

void check_cluster(const CudaFunction::State& state, const CudaFunction& function, const LaunchShape& shape) {
    constexpr unsigned most_blocks = 8;
    const CudaDevice& device = state.module->device;
    const auto refuse = [&](const std::string& reason) {
        throw UserError(fmt::format("{}: {}; {}", label(function, shape), reason, device_text(device)));
    };
    if (device.compute_capability < 90) refuse("clusters need sm_90 or later");
    if (cuda_api().launch_kernel_ex == nullptr)
        refuse(fmt::format("clusters need a driver for CUDA 11.8 or later, this one is for CUDA {}.{}",
                           device.driver_version / 1000, device.driver_version % 1000 / 10));
    std::uint64_t blocks = 1;
    for (std::size_t d = 0; d < 3; ++d) {
        blocks *= shape.cluster[d];
        if (shape.cluster[d] == 0 || shape.grid[d] % shape.cluster[d] != 0)
            refuse(fmt::format("{} blocks in {} are not a multiple of the {} of a cluster", shape.grid[d], "xyz"[d],
                               shape.cluster[d]));
    }
    if (blocks > most_blocks) refuse(fmt::format("a cluster of {} blocks; it can have {}", blocks, most_blocks));
}

CudaResult launch_now(const CudaApi& api, CUfunc_st* function, const LaunchShape& shape, void** parameters,
                      CudaStream stream) {
    const auto& [grid, block, shared_bytes, dependent, cluster] = shape;
    const auto shared = static_cast<unsigned>(shared_bytes);
    std::array<CudaLaunchAttribute, 2> attributes;
    unsigned count = 0;
    if (dependent && api.launch_kernel_ex != nullptr) {
        attributes[count].id = cuda_launch_programmatic_serialization;
        attributes[count++].value[0] = 1;
    }
    if (clustered(shape)) {
        attributes[count].id = cuda_launch_cluster_dimension;
        for (std::size_t d = 0; d < 3; ++d) attributes[count].value[d] = static_cast<int>(cluster[d]);
        ++count;
    }
    if (count == 0)
        return api.launch_kernel(function, grid[0], grid[1], grid[2], block[0], block[1], block[2], shared, stream,
                                 parameters, nullptr);
    const CudaLaunchConfig config{
        {grid[0], grid[1], grid[2]}, {block[0], block[1], block[2]}, shared, stream, attributes.data(), count};
    return api.launch_kernel_ex(&config, function, parameters, nullptr);
}

}  // namespace

CudaModule::CudaModule(std::span<const std::byte> cubin, const std::string& name) {
    const auto state = std::make_shared<State>();
    state->name = name;
    state->context = cuda_context();
    state->device = current_cuda_device();
    const CudaResult result = cuda_api().load_module(&state->handle, cubin.data());
    if (result != cuda_success) {
        state->handle = nullptr;
        const bool unsuited =
            result == cuda_invalid_image || result == cuda_no_binary_for_device || result == cuda_unsupported_ptx;
        const int version = state->device.driver_version;
        throw UserError(fmt::format(
            "loading '{}' on {}: {}{}", name, device_text(state->device), cuda_error_text(result),
            unsuited
                ? fmt::format("; the code must be for its compute capability, {}, and by a toolkit that its driver "
                              "knows: that supports CUDA {}.{}",
                              state->device.compute_capability, version / 1000, version % 1000 / 10)
                : std::string()));
    }
    state_ = state;
}

CudaFunction CudaModule::function(const std::string& name) const {
    const CudaApi& api = cuda_api();
    const CudaContextScope scope(state_->context);
    const auto found = std::make_shared<CudaFunction::State>();
    found->name = name;
    found->module = state_;
    const CudaResult result = api.module_function(&found->handle, state_->handle, name.c_str());
    if (result == cuda_not_found)
        throw InternalError(fmt::format("module '{}' has no kernel '{}'", state_->name, name));
    check_cuda(result, fmt::format("kernel '{}' of module '{}'", name, state_->name));
    const auto attribute = [&](int id) {
        int value = 0;
        check_cuda(api.function_attribute(&value, id, found->handle), fmt::format("attributes of kernel '{}'", name));
        return value;
    };
    found->max_threads = attribute(max_threads_per_block);
    found->registers = attribute(register_count);
    found->local_bytes = attribute(local_size_bytes);
    found->static_shared_bytes = attribute(shared_size_bytes);
    const int shared = std::max(state_->device.shared_bytes_opt_in, state_->device.shared_bytes);
    found->max_dynamic_shared_bytes = std::max(shared - found->static_shared_bytes, 0);
    check_cuda(
        api.set_function_attribute(found->handle, max_dynamic_shared_size_bytes, found->max_dynamic_shared_bytes),
        fmt::format("{} B of dynamic shared memory for kernel '{}'", found->max_dynamic_shared_bytes, name));
    return CudaFunction(found);
}

const CudaFunction::State& CudaFunction::state() const {
    require(state_ != nullptr, "a CudaFunction that names no kernel");
    return *state_;
}
const std::string& CudaFunction::name() const { return state().name; }
int CudaFunction::max_threads() const { return state().max_threads; }
int CudaFunction::registers() const { return state().registers; }
int CudaFunction::local_bytes() const { return state().local_bytes; }
int CudaFunction::static_shared_bytes() const { return state().static_shared_bytes; }
int CudaFunction::max_dynamic_shared_bytes() const { return state().max_dynamic_shared_bytes; }

std::string describe(const LaunchShape& shape) {
    const std::string clusters =
        clustered(shape) ? fmt::format(", clusters of ({})", fmt::join(shape.cluster, ",")) : std::string();
    return fmt::format("<<<({}), ({}), {} B{}>>>", fmt::join(shape.grid, ","), fmt::join(shape.block, ","),
                       shape.shared_bytes, clusters);
}

void launch(const CudaFunction& function, const LaunchShape& shape, std::span<void*> parameters, CudaStream stream) {
    const CudaFunction::State& state = function.state();
    check_shape(state, function, shape);
    if (clustered(shape)) check_cluster(state, function, shape);
    if (shape.grid[0] == 0 || shape.grid[1] == 0 || shape.grid[2] == 0) return;
    if (cuda_context() != state.module->context)
        throw UserError(fmt::format(
            "{}: the current CUDA context is not the one that the kernel was loaded into, of {}; make that one current",
            label(function, shape), device_text(state.module->device)));
    const CudaResult result = launch_now(cuda_api(), state.handle, shape, parameters.data(), stream);
    if (result != cuda_success) {
        const std::string before = cuda_context_lost(result) ? last_cuda_launch() : std::string();
        throw UserError(fmt::format("{}: {}{}", label(function, shape), cuda_error_text(result),
                                    before.empty() ? "" : fmt::format("; launched before it: {}", before)));
    }
    LastLaunch& last = last_launch();
    const std::lock_guard lock(last.mutex);
    last.kernel = state.name;
    last.shape = shape;
}

std::string last_cuda_launch() {
    LastLaunch& last = last_launch();
    const std::lock_guard lock(last.mutex);
    return last.kernel.empty() ? std::string() : fmt::format("kernel '{}' {}", last.kernel, describe(last.shape));
}

}  // namespace heddle
