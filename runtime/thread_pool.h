// runtime/thread_pool.h -- how a kernel's parallel loops reach threads: an interface of two functions and our pool.
#pragma once

#include <cstdint>

namespace heddle {

/// What a kernel asks of threads. A host program can hand in its own (set_thread_pool): two functions and a pointer.
struct ThreadPool {
    void* self = nullptr;
    /// Calls task(context, begin, end) on disjoint contiguous ranges that cover [0, count), and returns when all are
    /// done. May be called from inside a task (then it runs in the calling thread). Never throws.
    void (*parallel_for)(void* self, std::int64_t count,
                         void (*task)(void* context, std::int64_t begin, std::int64_t end), void* context) = nullptr;
    /// How many threads run at once, the caller included.
    int (*threads)(void* self) = nullptr;
};

/// The pool that kernels use: the one set last, else ours.
const ThreadPool& thread_pool();
/// Replaces the pool for the whole process; a pool with null functions restores ours.
void set_thread_pool(const ThreadPool& pool);
/// Ours: static ranges, workers pinned to the CPUs that the process may use (affinity mask and cgroup quota), a short
/// spin before they sleep; `HEDDLE_THREADS` sets the number. Nested calls run serially.
const ThreadPool& builtin_thread_pool();
/// CPUs that this process may use: the affinity mask, bounded by the cgroup's quota (rounded up).
int available_cpus();
/// Sets the number of threads of our pool, 1 or more; takes effect at the next loop. Throws UserError for less than 1.
void set_thread_count(int threads);

}  // namespace heddle
