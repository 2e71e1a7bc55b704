// tests/runtime/thread_pool_cover_test.cpp -- a loop runs every index once, whatever the counts of indices and threads.
#include <gtest/gtest.h>

#include <limits>
#include <mutex>

#include "tests/runtime/pool_counters.h"

namespace heddle {
namespace {

using test::Counters;
using test::run;

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

INSTANTIATE_TEST_SUITE_P(threads, thread_pool_cover, testing::Values(1, 2, 3, 8), testing::PrintToStringParamName());

}  // namespace
}  // namespace heddle
