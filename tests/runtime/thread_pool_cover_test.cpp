// tests/runtime/thread_pool_cover_test.cpp -- every index is run once: plain, nested and from many host threads at
// once.
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/thread_pool.h"

namespace heddle {
namespace {

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

void run(std::int64_t count, void (*task)(void*, std::int64_t, std::int64_t), void* context) {
    const ThreadPool& pool = builtin_thread_pool();
    pool.parallel_for(pool.self, count, task, context);
}

class thread_pool_cover : public testing::TestWithParam<int> {
protected:
    void SetUp() override { set_thread_count(GetParam()); }
    void TearDown() override { set_thread_count(available_cpus()); }
};

TEST_P(thread_pool_cover, every_index_once) {
    for (std::int64_t count : {0, 1, 2, 3, 7, 64, 1000})
        for (int repeat = 0; repeat < 20; ++repeat) {
            Counters counters(count);
            run(count, Counters::task, &counters);
            EXPECT_TRUE(counters.all_once()) << count;
        }
}

TEST_P(thread_pool_cover, ranges_of_a_huge_count_do_not_overflow) {
    struct Sum {
        std::mutex mutex;
        std::int64_t total = 0;
    } sum;
    const std::int64_t count = std::numeric_limits<std::int64_t>::max();
    run(
        count,
        [](void* context, std::int64_t begin, std::int64_t end) {
            auto* into = static_cast<Sum*>(context);
            const std::lock_guard lock(into->mutex);
            into->total += end - begin;
        },
        &sum);
    EXPECT_EQ(sum.total, count);
}

TEST_P(thread_pool_cover, nested_loops_run_in_the_calling_thread) {
    Counters inner(50);
    run(
        5,
        [](void* context, std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                struct Part {
                    Counters* counters;
                    std::int64_t first;
                    std::thread::id caller;
                } part = {static_cast<Counters*>(context), 10 * i, std::this_thread::get_id()};
                run(
                    10,
                    [](void* p, std::int64_t b, std::int64_t e) {
                        const auto* into = static_cast<Part*>(p);
                        EXPECT_EQ(std::this_thread::get_id(), into->caller);
                        Counters::task(into->counters, into->first + b, into->first + e);
                    },
                    &part);
            }
        },
        &inner);
    EXPECT_TRUE(inner.all_once());
}

TEST_P(thread_pool_cover, sixteen_host_threads_at_once) {
    std::vector<std::thread> hosts;
    for (int h = 0; h < 16; ++h)
        hosts.emplace_back([] {
            for (int repeat = 0; repeat < 50; ++repeat) {
                Counters counters(33);
                run(33, Counters::task, &counters);
                EXPECT_TRUE(counters.all_once());
            }
        });
    for (std::thread& host : hosts) host.join();
}

INSTANTIATE_TEST_SUITE_P(threads, thread_pool_cover, testing::Values(1, 2, 3, 8), testing::PrintToStringParamName());

}  // namespace
}  // namespace heddle
