// bench/gpu_rounds.h -- contestants on a device timed in turns: one call of each a round, the caches flushed before it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/rounds.h"

namespace heddle::bench {

/// Where calls are put in order, and their times read later. The device's is in bench/gpu_timer.h.
class RoundClock {
public:
    virtual ~RoundClock() = default;
    /// Drives what the last call left out of the caches.
    virtual void flush() = 0;
    /// Around a call; `slot` numbers the calls since the last wait().
    virtual void start(std::size_t slot) = 0;
    virtual void stop(std::size_t slot) = 0;
    /// Until everything is done.
    virtual void wait() = 0;
    /// Between start and stop of a slot, after wait().
    virtual double seconds(std::size_t slot) const = 0;
};

struct GpuContestant {
    std::string name;
    std::function<void()> call;        ///< puts the work on the clock's stream
    std::vector<double> seconds = {};  ///< of each timed call
};

struct GpuRoundOptions {
    int least = 10, most = 100;  ///< rounds
    double seconds = 0.5;        ///< for all contestants together; `least` rounds are made in any case
    double precision = 0.002;    ///< rounds end early when the median of each is known to this share
    int slow_calls = 2;          ///< timed calls of one that alone would take all of `seconds`
};

/// Calls each contestant once or twice to warm up, then in rounds: A B C, A B C, ... One whose calls are long takes
/// part in some of the rounds only, spread evenly, so that it takes no more than its share of the time.
void run_gpu_rounds(std::vector<GpuContestant>& contestants, RoundClock& clock, const GpuRoundOptions& options = {});

/// Whether a call takes part in round `round` of `rounds`, when it takes part in `turns` of them.
bool takes_part(int round, int rounds, int turns);

}  // namespace heddle::bench
