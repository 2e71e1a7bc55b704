// codegen/tuning/trial.h -- one candidate after the other in this process: compiled, checked, timed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codegen/compile.h"
#include "codegen/tuning/job.h"
#include "schedules/measurement.h"

namespace heddle {

/// What happened to a candidate; `seconds` are those of its calls, in order.
struct TrialOutcome {
    TrialStatus status = TrialStatus::measured;
    std::string reason = {};
    std::vector<double> seconds = {};
};

/// Schedules by their text. Nothing throws but for memory that is short: what is wrong with a candidate is in its
/// outcome. (A kernel that faults takes the process with it.)
class TrialRunner {
public:
    explicit TrialRunner(TuningJob job);
    virtual ~TrialRunner();
    TrialRunner(const TrialRunner&) = delete;
    TrialRunner& operator=(const TrialRunner&) = delete;

    /// Keeps the kernel until it is dropped.
    virtual TrialOutcome compile(const std::string& schedule);
    /// The same of what was compiled elsewhere.
    void keep(const std::string& schedule, Kernel kernel);
    /// The first time it is run on poisoned outputs and checked, which warms up, too; where that took longer than
    /// `give_up_after`, that is its time. Then calls for about `seconds`, with the caches filled with something else
    /// before each; no other after one that took longer than `slow`.
    virtual TrialOutcome time(const std::string& schedule, double seconds, double give_up_after, double slow);
    void drop(const std::string& schedule) { kernels_.erase(schedule); }

private:
    struct Clock;
    struct Compiled {
        Kernel kernel;
        bool checked = false;
    };
    TrialOutcome check(Compiled& compiled, double& seconds);
    void prepare_buffers();

    TuningJob job_;
    NamedBuffers outputs_;
    std::vector<Buffer> arguments_;  ///< inputs, then outputs; on the device for CUDA
    std::map<std::string, Compiled> kernels_;
    std::unique_ptr<Clock> clock_;
};

}  // namespace heddle
