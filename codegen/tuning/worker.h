// codegen/tuning/worker.h -- the other side of tuning: a process that compiles, checks and times what it is asked to.
#pragma once

#include <functional>
#include <memory>

#include "codegen/tuning/trial.h"

namespace heddle {

/// The file descriptors that a worker is started with: the tuner's socket, and the memory of the job.
inline constexpr int worker_socket = 3, worker_memory = 4;

using MakeRunner = std::function<std::unique_ptr<TrialRunner>(TuningJob)>;

/// Answers the tuner until it is gone; the exit status of the process. The messages, of texts each:
///     job ...                           -> ready PROVENANCE (of the job's target)
///     compile SCHEDULE                  -> STATUS REASON
///     time SCHEDULE SECONDS GIVE_UP     -> STATUS REASON SECONDS...
///     drop SCHEDULE
/// `make` is for programs that stand between: their own runner.
int serve_worker(const MakeRunner& make = {});

}  // namespace heddle
