// bench/gpu_timer.cpp -- events by slot, and the flush.
#include "bench/gpu_timer.h"

#include <algorithm>

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"

namespace heddle::bench {
namespace {

std::int64_t words_to_flush() {
    cuda_context();
    return std::max<std::int64_t>(256 << 20, 4 * current_cuda_device().l2_bytes) / 4;
}

}  // namespace

GpuTimer::GpuTimer(CudaStream stream) : stream_(stream), scratch_(device_buffer(i32, {words_to_flush()})) {}

void GpuTimer::flush() {
    fill_device_words(scratch_.data(), ++turn_, static_cast<std::size_t>(scratch_.elements()), stream_);
}

void GpuTimer::start(std::size_t slot) {
    while (timers_.size() <= slot) timers_.push_back(std::make_unique<CudaTimer>());
    timers_[slot]->start(stream_);
}

void GpuTimer::stop(std::size_t slot) { timers_.at(slot)->stop(stream_); }

void GpuTimer::wait() { synchronize(stream_); }

double GpuTimer::seconds(std::size_t slot) const { return timers_.at(slot)->seconds(); }

}  // namespace heddle::bench
