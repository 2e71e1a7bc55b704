// tests/runtime/peak_memory_test.cpp -- the peak counts what was freed again, and nothing of what was there before.
#include "runtime/peak_memory.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/runtime/sanitizer.h"

namespace heddle::test {
namespace {

constexpr std::int64_t megabyte = 1 << 20;

TEST(PeakMemory, CountsWhatATaskFreesAgain) {
    if (under_address_sanitizer || under_thread_sanitizer) GTEST_SKIP() << "a sanitizer keeps what is freed";
    std::vector<char> held(40 * megabyte, 1);
    const auto peak = peak_bytes_of([] {
        for (int round = 0; round < 3; ++round) std::vector<char> used(24 * megabyte, 1);
    });
    if (!peak) GTEST_SKIP() << "this system does not tell the peak of a process";
    EXPECT_GE(*peak, 23 * megabyte);
    EXPECT_LE(*peak, 32 * megabyte);
}

TEST(PeakMemory, OfNothingIsNextToNothing) {
    const auto peak = peak_bytes_of([] {});
    if (!peak) GTEST_SKIP() << "this system does not tell the peak of a process";
    EXPECT_LE(*peak, megabyte);
}

}  // namespace
}  // namespace heddle::test
