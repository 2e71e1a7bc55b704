// tests/runtime/thread_pool_fork_test.cpp -- a forked child runs loops on a pool of its own; the caller is not pinned.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "runtime/thread_pool.h"
#include "tests/runtime/sanitizer.h"

namespace heddle {
namespace {

std::int64_t sum_over_pool(std::int64_t count) {
    std::atomic<std::int64_t> sum = 0;
    const ThreadPool& pool = builtin_thread_pool();
    pool.parallel_for(
        pool.self, count,
        [](void* context, std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) *static_cast<std::atomic<std::int64_t>*>(context) += i;
        },
        &sum);
    return sum;
}

TEST(thread_pool_fork, the_child_starts_its_own_workers) {
    if (test::under_thread_sanitizer) GTEST_SKIP() << "the sanitizer allows no threads after a fork";
    set_thread_count(2);
    ASSERT_EQ(sum_over_pool(100), 4950);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        alarm(60);  // a child that waits for the parent's workers would wait for ever
        const ThreadPool& pool = builtin_thread_pool();
        _exit(sum_over_pool(100) == 4950 && pool.threads(pool.self) == 2 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_EQ(sum_over_pool(100), 4950);
    set_thread_count(available_cpus());
}

TEST(thread_pool_fork, workers_wake_from_sleep) {
    set_thread_count(2);
    for (int i = 0; i < 5; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        EXPECT_EQ(sum_over_pool(100), 4950);
    }
    set_thread_count(available_cpus());
}

TEST(thread_pool_fork, the_caller_keeps_its_affinity) {
    cpu_set_t before, after;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    sum_over_pool(100);
    ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
    EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

}  // namespace
}  // namespace heddle
