// tests/runtime/undisturbed_timer_test.cpp -- what others take is not counted; what a call's own parts take is.
#include "runtime/undisturbed_timer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

#include "runtime/affinity.h"
#include "runtime/thread_pool.h"
#include "runtime/timer.h"

namespace heddle::test {
namespace {

/// Of a processor, however long that takes.
void work_for(double seconds) {
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    };
    for (const double begin = now(); now() - begin < seconds;) continue;
}

void run_parts(double first, double others) {
    struct Seconds {
        double first, others;
    } seconds{first, others};
    const ThreadPool& pool = thread_pool();
    pool.parallel_for(
        pool.self, pool.threads(pool.self),
        [](void* context, std::int64_t begin, std::int64_t end) {
            const auto& given = *static_cast<Seconds*>(context);
            for (std::int64_t i = begin; i < end; ++i) work_for(i == 0 ? given.first : given.others);
        },
        &seconds);
}

/// Runs beside threads that take what they get of every processor.
template <class Body>
void beside_others(Body body) {
    std::atomic<bool> stop = false;
    std::vector<std::thread> others;
    for (const int cpu : allowed_cpus())
        for (int i = 0; i < 2; ++i)
            others.emplace_back([&stop, cpu] {
                pin_this_thread(cpu);
                while (!stop) continue;
            });
    body();
    stop = true;
    for (std::thread& thread : others) thread.join();
}

TEST(UndisturbedTimer, leaves_out_what_others_take_of_a_serial_call) {
    beside_others([] {
        const Timer clock;
        const double seconds = undisturbed_seconds([] { work_for(0.05); });
        EXPECT_GT(clock.seconds(), 0.07);  // there was something to leave out
        EXPECT_NEAR(seconds, 0.05, 0.005);
    });
}

TEST(UndisturbedTimer, counts_the_longest_part_of_a_loop) {
    beside_others([] {
        EXPECT_NEAR(undisturbed_seconds([] { run_parts(0.03, 0.03); }), 0.03, 0.005);
        EXPECT_NEAR(undisturbed_seconds([] { run_parts(0.03, 0.01); }), 0.03, 0.005);
        EXPECT_NEAR(undisturbed_seconds([] { run_parts(0.01, 0.03); }), thread_pool().threads({}) > 1 ? 0.03 : 0.01,
                    0.005);
    });
}

TEST(UndisturbedTimer, adds_loops_and_what_is_between_them) {
    const double seconds = undisturbed_seconds([] {
        work_for(0.01);
        run_parts(0.01, 0.01);
        work_for(0.01);
        run_parts(0.01, 0.01);
    });
    EXPECT_NEAR(seconds, 0.04, 0.004);
}

TEST(UndisturbedTimer, leaves_loops_outside_of_it_as_they_are) {
    undisturbed_seconds([] {});
    std::atomic<std::int64_t> count = 0;
    const ThreadPool& pool = thread_pool();
    pool.parallel_for(
        pool.self, 1000,
        [](void* context, std::int64_t begin, std::int64_t end) {
            *static_cast<std::atomic<std::int64_t>*>(context) += end - begin;
        },
        &count);
    EXPECT_EQ(count, 1000);
}

}  // namespace
}  // namespace heddle::test
