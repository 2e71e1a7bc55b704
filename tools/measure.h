// tools/measure.h -- timing of calls.
#pragma once

#include <functional>
#include <vector>

#include "codegen/compile.h"
#include "schedules/compare.h"
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

/// Buffers by name for a call of a kernel.
std::vector<std::pair<std::string, Buffer>> bind(const NamedBuffers& inputs, const NamedBuffers& outputs);

}  // namespace heddle::tools
