// schedules/cost_cuda.h -- the expected time of a loop nest on a CUDA device.
#pragma once

#include "schedules/cost_device.h"
#include "schedules/cost_terms.h"

namespace heddle {

/// Seconds a call of the whole pipeline, one launch a stage with a nest of its own; infinity where a block asks for
/// more than the device has. What they come from is added to `terms`.
double cuda_seconds(const LoopNest& nest, CostTerms* terms = nullptr);

/// Of a stage whose product runs over tiles in shared memory: without the launch.
double tiled_seconds(const StageAccesses& stage, const DeviceRates& device, int compute_capability,
                     CostTerms* terms = nullptr);

/// Of a launch: threads and bytes of a block, how many blocks, and how many of them a multiprocessor holds.
struct LaunchShape {
    double threads = 1, blocks = 1, at_once = 1, registers = 0, shared_bytes = 0;
};
void add_launch_terms(const LaunchShape& launch, const DeviceRates& device, CostTerms& terms);

/// Blocks of so many threads, registers a thread and bytes of shared memory that a multiprocessor holds; 0: none.
int blocks_at_once(std::int64_t threads, std::int64_t registers, std::int64_t shared_bytes, const DeviceRates& device);

}  // namespace heddle
