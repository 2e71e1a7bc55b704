// bench/gpu_timer.h -- the clock of a CUDA device: events around calls, the second-level cache overwritten before each.
#pragma once

#include <memory>
#include <vector>

#include "bench/gpu_rounds.h"
#include "runtime/buffer.h"
#include "runtime/cuda_stream.h"

namespace heddle::bench {

/// On one stream of the current context. The flush writes a buffer of 256 MB, or of four times the device's cache where
/// that is more; it also keeps the device busy while the host puts the call on the stream.
class GpuTimer : public RoundClock {
public:
    explicit GpuTimer(CudaStream stream = nullptr);
    void flush() override;
    void start(std::size_t slot) override;
    void stop(std::size_t slot) override;
    void wait() override;
    double seconds(std::size_t slot) const override;

    std::int64_t flush_bytes() const { return scratch_.elements() * 4; }

private:
    CudaStream stream_;
    Buffer scratch_;
    std::uint32_t turn_ = 0;
    std::vector<std::unique_ptr<CudaTimer>> timers_;
};

}  // namespace heddle::bench
