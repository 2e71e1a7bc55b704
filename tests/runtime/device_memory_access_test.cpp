// tests/runtime/device_memory_access_test.cpp -- elements of a buffer on a device are out of reach, with a word on what
// to do. Needs no device: the address is never followed.
#include <gtest/gtest.h>

#include "runtime/device_buffer.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

const std::string refusal =
    "buffer f32 2x3: its elements are in the memory of CUDA device 1; copy them with to_host() to work with them here";

TEST(device_memory_access, elements_are_refused) {
    const Buffer buffer(f32, {2, 3}, reinterpret_cast<void*>(0x1000), {}, 1);
    EXPECT_EQ(buffer.device(), 1);
    EXPECT_EQ(error_of([&] { buffer.get({0, 0}); }), refusal);
    EXPECT_EQ(error_of([&] { buffer.set({0, 0}, 1); }), refusal);
    EXPECT_EQ(error_of([&] { buffer.fill(1); }), refusal);
    EXPECT_EQ(error_of([&] { buffer.poison(); }), refusal);
    EXPECT_EQ(error_of([&] { buffer.fill_random(1); }), refusal);
    EXPECT_EQ(error_of([&] { buffer.copy(); }), refusal);
}

TEST(device_memory_access, shape_and_views_are_not) {
    const Buffer turned = Buffer(f32, {2, 3}, reinterpret_cast<void*>(0x1000), {}, 1).permuted({1, 0});
    EXPECT_EQ(turned.device(), 1);
    EXPECT_EQ(turned.strides(), (std::vector<std::int64_t>{1, 3}));
    EXPECT_EQ(turned.byte_range().second - turned.byte_range().first, 24);
}

TEST(device_memory_access, memory_of_the_host_stays_as_it_is) {
    const Buffer buffer(f32, {2, 3});
    EXPECT_EQ(buffer.device(), std::nullopt);
    EXPECT_EQ(to_host(buffer).data(), buffer.data());
}

TEST(device_memory_access, foreign_memory_is_kept_alive) {
    const auto memory = std::make_shared<int>(7);
    {
        const Buffer buffer(i32, {1}, memory.get(), {}, {}, memory);
        EXPECT_EQ(memory.use_count(), 2);
        EXPECT_EQ(buffer.get({0}), 7);
    }
    EXPECT_EQ(memory.use_count(), 1);
}

}  // namespace
}  // namespace heddle::test
