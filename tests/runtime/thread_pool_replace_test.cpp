// tests/runtime/thread_pool_replace_test.cpp -- a host program's pool takes the place of ours, and gives it back.
#include <gtest/gtest.h>

#include "runtime/thread_pool.h"
#include "tests/runtime/error_text.h"

namespace heddle {
namespace {

struct CountingPool {
    int calls = 0;
    static void parallel_for(void* self, std::int64_t count, void (*task)(void*, std::int64_t, std::int64_t),
                             void* context) {
        ++static_cast<CountingPool*>(self)->calls;
        task(context, 0, count);
    }
    static int threads(void*) { return 42; }
};

void add(void* context, std::int64_t begin, std::int64_t end) { *static_cast<std::int64_t*>(context) += end - begin; }

TEST(thread_pool_replace, theirs_and_ours_again) {
    CountingPool counting;
    set_thread_pool({&counting, CountingPool::parallel_for, CountingPool::threads});
    const ThreadPool& theirs = thread_pool();
    std::int64_t sum = 0;
    theirs.parallel_for(theirs.self, 7, add, &sum);
    EXPECT_EQ(sum, 7);
    EXPECT_EQ(counting.calls, 1);
    EXPECT_EQ(theirs.threads(theirs.self), 42);

    set_thread_pool({});
    EXPECT_EQ(&thread_pool(), &builtin_thread_pool());
    EXPECT_EQ(theirs.threads(theirs.self), 42);  // a reference taken before stays good
    EXPECT_EQ(counting.calls, 1);
}

TEST(thread_pool_replace, half_a_pool_is_refused) {
    EXPECT_EQ(test::error_text([] {
                  set_thread_pool({nullptr, CountingPool::parallel_for, nullptr});
              }),
              "set_thread_pool: threads is null; give both functions, or neither for Heddle's own pool");
    EXPECT_EQ(test::error_text([] {
                  set_thread_pool({nullptr, nullptr, CountingPool::threads});
              }),
              "set_thread_pool: parallel_for is null; give both functions, or neither for Heddle's own pool");
    EXPECT_EQ(&thread_pool(), &builtin_thread_pool());
}

TEST(thread_pool_replace, the_number_of_threads) {
    const ThreadPool& ours = builtin_thread_pool();
    set_thread_count(3);
    EXPECT_EQ(ours.threads(ours.self), 3);
    EXPECT_EQ(test::error_text([] { set_thread_count(0); }), "set_thread_count(0): the number of threads is 1 to 4096");
    EXPECT_EQ(ours.threads(ours.self), 3);
    EXPECT_GE(available_cpus(), 1);
    set_thread_count(available_cpus());
}

}  // namespace
}  // namespace heddle
