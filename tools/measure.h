// tools/measure.h -- timing of calls, and the measurement of schedules that the tuner asks for.
#pragma once

#include <functional>
#include <vector>

#include "codegen/compile.h"
#include "schedules/tuner.h"
#include "tools/compare.h"
#include "tools/problem.h"

namespace heddle::tools {

/// Median and interquartile range of one call, in seconds.
struct Timing {
    double median = 0, spread = 0;
    int repetitions = 0;
};
Timing timing_of(std::vector<double> seconds);

struct TimingOptions {
    double seconds = 0.3;  ///< to spend on repetitions; at least one is done
    int most = 1000;
    double give_up_after = 0;  ///< a first call longer than this is the only one; 0: none is too long
};
/// One call to warm up, then repetitions.
Timing time_calls(const std::function<void()>& call, const TimingOptions& options = {});

/// A problem with its data and what is expected of it, computed once for all schedules. Plain data and the pipeline's
/// text: a process of its own can be handed the same.
struct MeasuringJob {
    Problem problem;
    Target target;
    NamedBuffers inputs;
    struct Expected {
        AnyTensor output;
        std::vector<Point> points;
        std::vector<double> values;
    };
    std::vector<Expected> expected;
};
/// Random inputs, and `points` elements of each output by the oracle.
MeasuringJob make_measuring_job(const Problem& problem, const Target& target, std::uint64_t seed, int points = 300);

/// Compiles a schedule, runs it once on poisoned outputs, checks them, and times it: all in this process.
Measure measure_in_process(const MeasuringJob& job);

/// Buffers by name for a call of a kernel.
std::vector<std::pair<std::string, Buffer>> bind(const NamedBuffers& inputs, const NamedBuffers& outputs);

}  // namespace heddle::tools
