// bench/gpu.h -- layers on a CUDA device, side by side: Heddle, cuDNN and cuBLAS in one process, in turns.
#pragma once

#include <filesystem>
#include <vector>

#include "bench/gpu_race.h"

namespace heddle::bench {

struct GpuOptions {
    std::vector<GpuCase> cases;
    GpuRaceOptions race;
    std::filesystem::path peers_json;  ///< times of other processes to put beside; empty: none
    std::filesystem::path json;        ///< to write results to; empty: none
};

/// Prints the ceilings, one block a case and the means; true when all results were right. Throws UserError in one line
/// where there is no driver, device or NVRTC, and for files that cannot be read or written.
bool run_gpu(const GpuOptions& options);

}  // namespace heddle::bench
