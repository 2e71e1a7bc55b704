// tests/runtime/pool_counters.h -- counts how often a loop on our pool runs each index.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "runtime/thread_pool.h"

namespace heddle::test {

struct Counters {
    explicit Counters(std::int64_t count) : hits(static_cast<std::size_t>(count)) {}
    std::vector<std::atomic<int>> hits;
    static void task(void* context, std::int64_t begin, std::int64_t end) {
        auto& hits = static_cast<Counters*>(context)->hits;
        for (std::int64_t i = begin; i < end; ++i) hits[static_cast<std::size_t>(i)].fetch_add(1);
    }
    bool all_once() const {
        for (const auto& hit : hits)
            if (hit.load() != 1) return false;
        return true;
    }
};

/// A loop on our own pool.
inline void run(std::int64_t count, void (*task)(void*, std::int64_t, std::int64_t), void* context) {
    const ThreadPool& pool = builtin_thread_pool();
    pool.parallel_for(pool.self, count, task, context);
}

}  // namespace heddle::test
