// tests/runtime/buffer_layout_test.cpp -- strides, views, permutations and the bytes that a view reaches.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "runtime/buffer.h"

namespace heddle {
namespace {

using Shape = std::vector<std::int64_t>;

TEST(buffer_layout, a_new_buffer_is_row_major_aligned_and_zero) {
    const Buffer buffer(f32, {2, 3, 4});
    EXPECT_EQ(buffer.strides(), (Shape{12, 4, 1}));
    EXPECT_TRUE(buffer.contiguous());
    EXPECT_EQ(buffer.elements(), 24);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u);
    EXPECT_EQ(buffer.get({1, 2, 3}), 0.0);
    EXPECT_EQ(describe(buffer), "f32 2x3x4");
}

TEST(buffer_layout, rank_0_has_one_element) {
    const Buffer scalar(f64, {});
    EXPECT_EQ(scalar.elements(), 1);
    scalar.set({}, 3.5);
    EXPECT_EQ(scalar.get({}), 3.5);
    EXPECT_EQ(scalar.as<double>()[0], 3.5);
    EXPECT_EQ(describe(scalar), "f64 scalar");
    EXPECT_FALSE(Buffer().defined());
}

TEST(buffer_layout, a_permutation_shares_the_memory) {
    const Buffer buffer(i32, {2, 3, 4});
    buffer.set({1, 2, 3}, 7);
    const Buffer permuted = buffer.permuted({2, 0, 1});
    EXPECT_EQ(permuted.shape(), (Shape{4, 2, 3}));
    EXPECT_EQ(permuted.strides(), (Shape{1, 12, 4}));
    EXPECT_FALSE(permuted.contiguous());
    EXPECT_EQ(permuted.get({3, 1, 2}), 7);
    const Buffer copy = permuted.copy();
    EXPECT_TRUE(copy.contiguous());
    EXPECT_EQ(copy.get({3, 1, 2}), 7);
    copy.set({3, 1, 2}, 8);
    EXPECT_EQ(buffer.get({1, 2, 3}), 7);
}

TEST(buffer_layout, any_stride_is_legal) {
    std::array<std::int16_t, 6> memory = {0, 1, 2, 3, 4, 5};
    const Buffer reversed(i16, {2, 3}, memory.data() + 5, {-3, -1});
    EXPECT_EQ(reversed.get({0, 0}), 5);
    EXPECT_EQ(reversed.get({1, 2}), 0);
    EXPECT_EQ(reversed.byte_range().first, reinterpret_cast<const std::byte*>(memory.data()));
    EXPECT_EQ(reversed.byte_range().second, reinterpret_cast<const std::byte*>(memory.data() + 6));
    const Buffer repeated(i16, {4, 2}, memory.data(), {0, 1});
    EXPECT_EQ(repeated.get({3, 1}), 1);
    EXPECT_EQ(repeated.byte_range().second - repeated.byte_range().first, 4);
}

TEST(buffer_layout, contiguous_ignores_extents_of_1_and_empty_buffers) {
    std::array<float, 8> memory{};
    EXPECT_TRUE(Buffer(f32, {1, 4}, memory.data(), {100, 1}).contiguous());
    EXPECT_FALSE(Buffer(f32, {2, 2}, memory.data(), {4, 1}).contiguous());
    const Buffer empty(f32, {3, 0, std::int64_t{1} << 62});
    EXPECT_TRUE(empty.contiguous());
    EXPECT_TRUE(empty.defined());
    EXPECT_EQ(empty.elements(), 0);
    EXPECT_EQ(empty.byte_range().first, empty.byte_range().second);
    empty.fill(1);
    EXPECT_EQ(empty.copy().shape(), empty.shape());
}

TEST(buffer_layout, indices_are_visited_in_row_major_order) {
    std::vector<Shape> seen;
    for_each_index({2, 2}, [&](const Shape& index) { seen.push_back(index); });
    EXPECT_EQ(seen, (std::vector<Shape>{{0, 0}, {0, 1}, {1, 0}, {1, 1}}));
    int visits = 0;
    for_each_index({}, [&](const Shape&) { ++visits; });
    for_each_index({3, 0}, [&](const Shape&) { ++visits; });
    EXPECT_EQ(visits, 1);
}

}  // namespace
}  // namespace heddle
