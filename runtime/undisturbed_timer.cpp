// runtime/undisturbed_timer.cpp -- a pool around ours that notes the processor time of each thread's part.
#include "runtime/undisturbed_timer.h"

#include <algorithm>
#include <ctime>
#include <mutex>

#include "runtime/thread_pool.h"
#include "runtime/timer.h"

namespace heddle {
namespace {

using Task = void (*)(void* context, std::int64_t begin, std::int64_t end);

constexpr double of_its_own = 20e-6;  ///< seconds of a loop, or between loops, beside processor time

double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Some systems count processor time in ticks of milliseconds: too coarse to tell what a call took.
bool counts_finely() {
    constexpr double watched = 300e-6;
    constexpr int least_steps = 30;
    const Timer clock;
    int steps = 0;
    for (double last = processor_seconds(); clock.seconds() < watched;)
        if (const double now = processor_seconds(); now > last) {
            last = now;
            ++steps;
        }
    return steps >= least_steps;
}

/// Of the call at hand.
struct Account {
    double disturbed = 0;                ///< seconds, in loops
    double loops = 0, loops_caller = 0;  ///< seconds of the clock, and of the caller's processor, in loops
};

/// The account of the thread that makes the call; its loops are noted, those inside of tasks are part of them.
thread_local Account* account = nullptr;

struct Loop {
    Task task = nullptr;
    void* context = nullptr;
    std::mutex mutex = {};
    double longest = 0;
};

void run_part(void* context, std::int64_t begin, std::int64_t end) {
    Loop& loop = *static_cast<Loop*>(context);
    const double before = processor_seconds();
    loop.task(loop.context, begin, end);
    const double taken = processor_seconds() - before;
    const std::lock_guard lock(loop.mutex);
    loop.longest = std::max(loop.longest, taken);
}

void parallel_for(void*, std::int64_t count, Task task, void* context) {
    const ThreadPool& ours = builtin_thread_pool();
    Account* const noted = account;
    if (noted == nullptr) return ours.parallel_for(ours.self, count, task, context);
    account = nullptr;
    Loop loop{task, context};
    const double before = processor_seconds();
    const Timer clock;
    ours.parallel_for(ours.self, count, run_part, &loop);
    const double seconds = clock.seconds();
    noted->loops += seconds;
    noted->loops_caller += processor_seconds() - before;
    noted->disturbed += std::max(0.0, seconds - loop.longest - of_its_own);
    account = noted;
}

int threads(void*) { return builtin_thread_pool().threads(nullptr); }

}  // namespace

double undisturbed_seconds(const std::function<void()>& call) {
    static const bool finely = [] {
        for (int attempt = 0; attempt < 3; ++attempt)  // another process may have run all the while
            if (counts_finely()) return true;
        return false;
    }();
    static std::once_flag once;
    std::call_once(once, [] {
        if (finely) set_thread_pool({nullptr, parallel_for, threads});
    });
    if (!finely) {
        const Timer clock;
        call();
        return clock.seconds();
    }
    Account noted;
    account = &noted;
    const double before = processor_seconds();
    const Timer clock;
    call();
    const double seconds = clock.seconds();
    const double between = seconds - noted.loops, caller = processor_seconds() - before - noted.loops_caller;
    account = nullptr;
    return seconds - noted.disturbed - std::max(0.0, between - caller - of_its_own);
}

}  // namespace heddle
