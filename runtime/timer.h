// runtime/timer.h -- a stopwatch on the steady clock.
#pragma once

#include <chrono>

namespace heddle {

/// Runs from its construction.
class Timer {
public:
    /// Seconds since the construction or the last restart.
    double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
    void restart() { start_ = Clock::now(); }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point start_ = Clock::now();
};

}  // namespace heddle
