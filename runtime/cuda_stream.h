// runtime/cuda_stream.h -- what goes on a CUDA stream besides kernels: copies, fills, timing; and waiting for it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/cuda_api.h"

namespace heddle {

/// Waits until everything on the stream is done. Throws UserError for a fault of a kernel, naming the last launched.
void synchronize(CudaStream stream = nullptr);

/// Copies of `bytes` and fills, put on the stream in order; they return before they are done, except that a copy from
/// or to pageable host memory may take part of the time in the call. Host memory must stay until then.
void copy_to_device(void* device, const void* host, std::size_t bytes, CudaStream stream = nullptr);
void copy_to_host(void* host, const void* device, std::size_t bytes, CudaStream stream = nullptr);
void copy_on_device(void* to, const void* from, std::size_t bytes, CudaStream stream = nullptr);
void fill_device_bytes(void* device, std::uint8_t value, std::size_t bytes, CudaStream stream = nullptr);
/// Fills `count` 32-bit words; the address must be a multiple of 4.
void fill_device_words(void* device, std::uint32_t value, std::size_t count, CudaStream stream = nullptr);

/// A stream of its own, which neither waits for the default one nor is waited for by it.
class OwnStream {
public:
    OwnStream();
    OwnStream(const OwnStream&) = delete;
    OwnStream& operator=(const OwnStream&) = delete;
    /// What is on the stream is still done.
    ~OwnStream();
    CudaStream get() const { return stream_; }

private:
    CudaContext context_ = nullptr;
    CudaStream stream_ = nullptr;
};

/// Time between two points of a stream, by CUDA events.
///     timer.start(stream); launch(...); timer.stop(stream); timer.seconds();
class CudaTimer {
public:
    CudaTimer();
    CudaTimer(const CudaTimer&) = delete;
    CudaTimer& operator=(const CudaTimer&) = delete;
    ~CudaTimer();
    void start(CudaStream stream = nullptr);
    void stop(CudaStream stream = nullptr);
    /// Waits for the end point; the resolution is about half a microsecond.
    double seconds() const;

private:
    CudaContext context_ = nullptr;
    CUevent_st *start_ = nullptr, *stop_ = nullptr;
};

}  // namespace heddle
