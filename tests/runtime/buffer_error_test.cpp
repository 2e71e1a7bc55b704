// tests/runtime/buffer_error_test.cpp -- what Buffer refuses, and in which words.
#include <gtest/gtest.h>

#include "runtime/buffer.h"
#include "tests/runtime/error_text.h"
#include "tests/runtime/sanitizer.h"

namespace heddle {
namespace {

using test::error_text;

TEST(buffer_error, a_negative_extent) {
    EXPECT_EQ(error_text([] {
                  Buffer(f32, {4, -1});
              }),
              "buffer 4x-1: extent -1 of dimension 1 is negative; extents are 0 or more");
}

TEST(buffer_error, a_size_past_63_bits) {
    const std::int64_t big = std::int64_t{1} << 31;
    EXPECT_EQ(error_text([&] {
                  Buffer(f32, {big, big});
              }),
              "buffer f32 2147483648x2147483648: its size passes 2^63 - 1 bytes, the largest that can be addressed");
    EXPECT_EQ(error_text([&] { Buffer(u8, {big, big, 0}); }), "no error");
}

TEST(buffer_error, more_memory_than_there_is) {
    if (test::under_address_sanitizer || test::under_thread_sanitizer)
        GTEST_SKIP() << "the sanitizer's allocator ends the process instead";
    const std::string text = error_text([] { Buffer(u8, {std::int64_t{1} << 62}); });
    EXPECT_EQ(text, "buffer u8 4611686018427387904: cannot allocate 4611686 TB");
}

TEST(buffer_error, strides_of_another_rank) {
    float memory[4] = {};
    EXPECT_EQ(error_text([&] {
                  Buffer(f32, {2, 2}, memory, {1});
              }),
              "buffer f32 2x2: 1 strides (1) for 2 dimensions; give one for each, or none for row-major");
    EXPECT_EQ(error_text([&] { Buffer(f32, {2, 2}, memory, {2, 1}); }), "no error");
}

TEST(buffer_error, strides_out_of_the_address_space) {
    float memory[4] = {};
    const std::int64_t big = std::int64_t{1} << 62;
    EXPECT_EQ(error_text([&] {
                  Buffer(f32, {2, 2}, memory, {big, 1});
              }),
              "buffer f32 2x2: the strides (4611686018427387904, 1) reach past 2^63 - 1 bytes, the largest offset");
}

TEST(buffer_error, an_index_of_the_wrong_rank_or_outside) {
    const Buffer buffer(f32, {2, 3});
    EXPECT_EQ(error_text([&] { buffer.get({1}); }), "buffer f32 2x3: index (1) has 1 coordinates; rank 2 takes 2");
    EXPECT_EQ(error_text([&] {
                  buffer.get({1, 3});
              }),
              "buffer f32 2x3: index (1, 3) is outside: coordinate 1 is 3, and must be at least 0 and less than 3");
    EXPECT_EQ(error_text([&] {
                  buffer.set({-1, 0}, 1);
              }),
              "buffer f32 2x3: index (-1, 0) is outside: coordinate 0 is -1, and must be at least 0 and less than 2");
    EXPECT_EQ(error_text([&] { buffer.get({1, 2}); }), "no error");
}

TEST(buffer_error, no_memory) {
    EXPECT_EQ(error_text([] { Buffer(f32, {2}, nullptr).get({0}); }), "buffer f32 2 has no memory");
}

TEST(buffer_error, a_pointer_of_another_size) {
    EXPECT_EQ(error_text([] { Buffer(f16, {2}).as<float>(); }),
              "buffer f16 2: read through a pointer to elements of 4 bytes; one of f16 has 2");
}

TEST(buffer_error, no_order_of_the_dimensions) {
    const Buffer buffer(f32, {2, 3});
    const std::string end = ") is no order of its dimensions; name each of 0 to 1 once";
    EXPECT_EQ(error_text([&] { buffer.permuted({0, 0}); }), "buffer f32 2x3: (0, 0" + end);
    EXPECT_EQ(error_text([&] { buffer.permuted({0, 2}); }), "buffer f32 2x3: (0, 2" + end);
    EXPECT_EQ(error_text([&] { buffer.permuted({1}); }), "buffer f32 2x3: (1" + end);
    EXPECT_EQ(error_text([&] { buffer.permuted({1, 0}); }), "no error");
}

}  // namespace
}  // namespace heddle
