// runtime/cuda_stream.cpp -- streams, events and memory operations through the driver.
#include "runtime/cuda_stream.h"

#include <fmt/format.h>

#include "runtime/cuda_driver.h"
#include "runtime/cuda_module.h"
#include "runtime/error.h"

namespace heddle {
namespace {

CudaAddress address(const void* device) { return reinterpret_cast<std::uintptr_t>(device); }

/// Throws for an error that a call reports; one that an earlier kernel caused names the last launched.
void check(CudaResult result, const char* what, std::size_t bytes) {
    if (result == cuda_success) return;
    const std::string call = bytes > 0 ? fmt::format("{} of {} B", what, bytes) : std::string(what);
    const std::string last = cuda_context_lost(result) ? last_cuda_launch() : std::string();
    throw UserError(fmt::format("{}: {}{}", call, cuda_error_text(result),
                                last.empty() ? "" : fmt::format("; last launched: {}", last)));
}

/// The table, with a context current in this thread.
const CudaApi& api() {
    cuda_context();
    return cuda_api();
}

}  // namespace

void synchronize(CudaStream stream) { check(api().stream_synchronize(stream), "waiting for a CUDA stream", 0); }

void copy_to_device(void* device, const void* host, std::size_t bytes, CudaStream stream) {
    if (bytes > 0) check(api().copy_to_device(address(device), host, bytes, stream), "copy to the CUDA device", bytes);
}

void copy_to_host(void* host, const void* device, std::size_t bytes, CudaStream stream) {
    if (bytes > 0) check(api().copy_to_host(host, address(device), bytes, stream), "copy from the CUDA device", bytes);
}

void copy_on_device(void* to, const void* from, std::size_t bytes, CudaStream stream) {
    if (bytes > 0)
        check(api().copy_on_device(address(to), address(from), bytes, stream), "copy on the CUDA device", bytes);
}

void fill_device_bytes(void* device, std::uint8_t value, std::size_t bytes, CudaStream stream) {
    if (bytes > 0) check(api().fill_bytes(address(device), value, bytes, stream), "fill on the CUDA device", bytes);
}

void fill_device_words(void* device, std::uint32_t value, std::size_t count, CudaStream stream) {
    if (count > 0) check(api().fill_words(address(device), value, count, stream), "fill on the CUDA device", count * 4);
}

OwnStream::OwnStream() : context_(cuda_context()) {
    constexpr unsigned non_blocking = 1;
    check(api().stream_create(&stream_, non_blocking), "making a CUDA stream", 0);
}

OwnStream::~OwnStream() {
    if (const CudaContextScope scope(context_); scope.entered()) cuda_api().stream_destroy(stream_);
}

CudaTimer::CudaTimer() : context_(cuda_context()) {
    check(api().event_create(&start_, 0), "making a CUDA event", 0);
    check(api().event_create(&stop_, 0), "making a CUDA event", 0);
}

CudaTimer::~CudaTimer() {
    const CudaContextScope scope(context_);
    if (!scope.entered()) return;
    cuda_api().event_destroy(start_);
    cuda_api().event_destroy(stop_);
}

void CudaTimer::start(CudaStream stream) { check(api().event_record(start_, stream), "recording a CUDA event", 0); }
void CudaTimer::stop(CudaStream stream) { check(api().event_record(stop_, stream), "recording a CUDA event", 0); }

double CudaTimer::seconds() const {
    float milliseconds = 0;
    check(api().event_synchronize(stop_), "waiting for a CUDA event", 0);
    check(api().event_elapsed(&milliseconds, start_, stop_), "reading a CUDA timer", 0);
    return static_cast<double>(milliseconds) * 1e-3;
}

}  // namespace heddle
