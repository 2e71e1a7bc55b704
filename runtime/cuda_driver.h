// runtime/cuda_driver.h -- the CUDA driver, opened on demand: is it usable, which devices there are, which context.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cuda_api.h"

namespace heddle {

/// What keeps CUDA devices from being used, in one line: no driver, too old a driver, no device. Nothing: they can be.
/// Looked up once; the first call opens libcuda.so.1 and initialises it.
std::optional<std::string> cuda_problem();

struct CudaDevice {
    int index = 0;
    std::string name;            ///< "NVIDIA H200"
    int compute_capability = 0;  ///< 80, 90
    int multiprocessors = 0;
    std::int64_t memory_bytes = 0, l2_bytes = 0;
    int shared_bytes = 0;         ///< of a block, at most, without opt-in
    int shared_bytes_opt_in = 0;  ///< of a block, at most
    int registers = 0;            ///< 32-bit, of a block, at most
    int driver_version = 0;       ///< CUDA version that the driver supports: 13000 for 13.0
};
/// All devices, by index; none where cuda_problem() says why. CUDA_VISIBLE_DEVICES is heeded by the driver.
const std::vector<CudaDevice>& cuda_devices();

/// The calling thread's current context. Where it has none, the primary context of device 0 is retained and made
/// current. Throws UserError where CUDA cannot be used.
CudaContext cuda_context();
/// The device of the current context.
const CudaDevice& current_cuda_device();

/// Makes a context current in the calling thread for as long as this lives. For releasing things that belong to it:
/// nothing here throws.
class CudaContextScope {
public:
    explicit CudaContextScope(CudaContext context);
    CudaContextScope(const CudaContextScope&) = delete;
    CudaContextScope& operator=(const CudaContextScope&) = delete;
    ~CudaContextScope();
    /// False when the context is gone.
    bool entered() const { return entered_; }

private:
    bool entered_ = false;
};

}  // namespace heddle
