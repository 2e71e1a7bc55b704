// runtime/device_buffer.h -- buffers in the memory of a CUDA device, and the way there and back.
#pragma once

#include <vector>

#include "runtime/buffer.h"
#include "runtime/cuda_api.h"

namespace heddle {

/// Row-major memory on the device of the current context, not initialised, aligned to 256 bytes; freed with the last
/// copy of the buffer. Throws UserError with the bytes asked for and those that are free.
Buffer device_buffer(ScalarType type, const std::vector<std::int64_t>& shape);

/// The same elements on the device of the current context, with the same shape and strides (what lies between the
/// elements of a strided view comes along). The copy goes on `stream` and is waited for. A buffer that is on the device
/// already comes back as it is; throws UserError for one on another device.
Buffer to_device(const Buffer& buffer, CudaStream stream = nullptr);

/// The same elements in memory of the host, with the same shape and strides, after everything that is on `stream`. A
/// buffer of the host comes back as it is.
Buffer to_host(const Buffer& buffer, CudaStream stream = nullptr);

}  // namespace heddle
