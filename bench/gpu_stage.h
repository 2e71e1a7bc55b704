// bench/gpu_stage.h -- what all races on a device share: clock, data kernels, peers; and what the device does at best.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/gpu_data.h"
#include "bench/gpu_results.h"
#include "bench/gpu_timer.h"
#include "bench/peer_cublas.h"
#include "bench/peer_cudnn.h"
#include "schedules/target.h"

namespace heddle::bench {

/// Throws UserError in one line where there is no driver, device or NVRTC. Libraries of peers may be missing.
struct GpuStage {
    GpuStage();
    GpuTimer timer;
    GpuData data;
    Target target;
    std::optional<CudnnPeer> cudnn;
    std::optional<CublasPeer> cublas;
    std::vector<std::string> missing;  ///< a line for each peer that is not there
    std::string device, versions;
};

/// A copy of 2 MB to 1 GB, and cuBLAS's product of 8192 by 8192 by 8192 in each arithmetic asked for.
Ceilings measure_ceilings(GpuStage& stage, const std::vector<Arithmetic>& arithmetics);
std::string table_of(const Ceilings& ceilings);

}  // namespace heddle::bench
