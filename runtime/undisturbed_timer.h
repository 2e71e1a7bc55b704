// runtime/undisturbed_timer.h -- how long a call takes beside what others on the machine took from it.
#pragma once

#include <functional>

namespace heddle {

/// Seconds of a call less what its threads were kept from a processor by others. A parallel loop counts as long as the
/// processor time of its longest part, a part a thread, and what is between loops as long as the caller's processor
/// time; up to 20 microseconds more of each are its own, for starting threads. On a machine with nothing else to do it
/// is the time of the clock. Loops are seen where they run in our pool (builtin_thread_pool); from the first call on
/// this function stands in its place. One caller at a time. Where the system counts processor time in coarse ticks, it
/// is the time of the clock.
double undisturbed_seconds(const std::function<void()>& call);

}  // namespace heddle
