// runtime/cuda_module.h -- compiled CUDA code in a context: loading it, finding its kernels, launching them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/cuda_api.h"

namespace heddle {

/// A kernel of a loaded module. Copies share the module and keep it loaded.
class CudaFunction {
public:
    struct State;
    CudaFunction() = default;
    explicit CudaFunction(std::shared_ptr<const State> state) : state_(std::move(state)) {}

    const std::string& name() const;
    /// Threads that a block may have at most, given the kernel's registers and launch bounds.
    int max_threads() const;
    int registers() const;
    int local_bytes() const;
    int static_shared_bytes() const;
    /// Dynamic shared memory that a launch may ask for at most: what the device has with opt-in, less the static.
    int max_dynamic_shared_bytes() const;
    const State& state() const;

private:
    std::shared_ptr<const State> state_;
};

/// A cubin loaded into the current context; unloaded with the last copy of it and of its functions.
class CudaModule {
public:
    struct State;
    /// `name` is for messages. Throws UserError where the image does not suit the device or the driver is too old for
    /// it, with both named.
    CudaModule(std::span<const std::byte> cubin, const std::string& name);

    /// Finds a kernel and raises its limit of dynamic shared memory to all that the device allows.
    /// Throws InternalError when the module has no kernel of that name.
    CudaFunction function(const std::string& name) const;

private:
    std::shared_ptr<const State> state_;
};

struct LaunchShape {
    std::array<unsigned, 3> grid{1, 1, 1}, block{1, 1, 1};  ///< x, y, z
    std::int64_t shared_bytes = 0;                          ///< dynamic
    /// The kernel may start before the one ahead of it on the stream has ended (programmatic dependent launch: it waits
    /// by griddepcontrol.wait where it needs the results). Drivers before CUDA 11.8 start it after.
    bool dependent = false;
    /// Blocks of a cluster; the grid is a multiple of it. Other than 1 on sm_90 and later, with at most 8 blocks. Where
    /// the kernel itself declares __cluster_dims__, those.
    std::array<unsigned, 3> cluster{1, 1, 1};
};
/// "<<<(49,2,1), (256,1,1), 66048 B>>>", "<<<(48,2,1), (256,1,1), 66048 B, clusters of (2,1,1)>>>".
std::string describe(const LaunchShape& shape);

/// Puts a kernel on a stream of the current context. `parameters` are the addresses of the arguments, in order. Never
/// synchronises, so an error of an earlier kernel may surface here. A grid without blocks launches nothing.
/// Throws UserError naming kernel, shape and limits: a block too large, too much shared memory, a grid past the
/// device's limits, another context than the module's, and whatever the driver reports.
void launch(const CudaFunction& function, const LaunchShape& shape, std::span<void*> parameters,
            CudaStream stream = nullptr);

/// The kernel and shape last put on any stream, for messages about faults; empty before the first.
std::string last_cuda_launch();

}  // namespace heddle
