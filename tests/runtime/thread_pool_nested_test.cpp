// tests/runtime/thread_pool_nested_test.cpp -- loops inside loops, and loops of many host threads at once.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/runtime/pool_counters.h"

namespace heddle {
namespace {

using test::Counters;
using test::run;

class thread_pool_nested : public testing::TestWithParam<int> {
protected:
    void SetUp() override { set_thread_count(GetParam()); }
    void TearDown() override { set_thread_count(available_cpus()); }
};

TEST_P(thread_pool_nested, nested_loops_run_in_the_calling_thread) {
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

TEST_P(thread_pool_nested, sixteen_host_threads_at_once) {
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

INSTANTIATE_TEST_SUITE_P(threads, thread_pool_nested, testing::Values(1, 2, 3, 8), testing::PrintToStringParamName());

}  // namespace
}  // namespace heddle
