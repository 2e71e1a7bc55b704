// codegen/tuning/measure.h -- candidates measured in worker processes, so that a fault costs one of them.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "codegen/tuning/job.h"
#include "schedules/tuner.h"

namespace heddle {

struct WorkerOptions {
    int workers = 0;                     ///< processes; 0: one a CPU that this process may use
    std::vector<int> devices = {};       ///< CUDA devices to spread them over, by index; empty: the first
    std::filesystem::path program = {};  ///< see worker_program
    double compile_seconds = 30;         ///< a candidate may take to compile
    double run_seconds = 5;              ///< and, beside what the best takes, to run
};

/// Compiles candidates side by side, then checks and times them one at a time (on each device), in turns, while nothing
/// is compiled. What crashes, hangs or is wrong is told with its reason, and another worker takes the place. Workers
/// live as long as the copies of the result, and keep the kernels of the fastest, so that these can be asked for again.
/// Throws UserError when no worker can be started.
Measure measure_in_workers(const TuningJob& job, const WorkerOptions& options = {});
/// How many candidates to hand to it at once.
std::size_t batch_of(const WorkerOptions& options, const Target& target);

}  // namespace heddle
