// tests/runtime/tensor_map_limits_test.cpp -- each limit of tensor maps: what is just inside and what is just outside.
#include <gtest/gtest.h>

#include <functional>

#include "runtime/tensor_map.h"

namespace heddle::test {
namespace {

using Change = std::function<void(TensorMapRecipe&)>;

/// bf16 64x56x56x32 (C, W, H, N) in boxes of 64x8x8x1.
TensorMapRecipe tiled() {
    TensorMapRecipe recipe;
    recipe.type = bf16;
    recipe.rank = 4;
    recipe.sizes = {64, 56, 56, 32, 1};
    recipe.byte_strides = {0, 128, 7168, 401408};
    recipe.box = {64, 8, 8, 1, 1};
    recipe.swizzle_bytes = 128;
    return recipe;
}

/// The same tensor for a 3x3 stencil of padding 1: 128 pixels of 64 channels.
TensorMapRecipe im2col() {
    TensorMapRecipe recipe = tiled();
    recipe.im2col = true;
    recipe.lower = {-1, -1};
    recipe.upper = {-1, -1};
    recipe.channels_per_pixel = 64;
    recipe.pixels_per_column = 128;
    return recipe;
}

struct Limit {
    const char* name;
    TensorMapRecipe recipe;
    Change inside, outside;
    const char* reason;
};
void PrintTo(const Limit& limit, std::ostream* out) { *out << limit.name; }

class tensor_map_limits : public testing::TestWithParam<Limit> {};

TEST_P(tensor_map_limits, hold_to_the_last_value) {
    TensorMapRecipe legal = GetParam().recipe, illegal = legal;
    GetParam().inside(legal);
    GetParam().outside(illegal);
    EXPECT_EQ(check(legal, 256), "");
    EXPECT_EQ(check(illegal, 256), GetParam().reason);
}

template <class Member, class Value>
Change set(Member TensorMapRecipe::*member, std::size_t place, Value value) {
    return [=](TensorMapRecipe& recipe) { (recipe.*member)[place] = value; };
}
template <class Member, class Value>
Change set(Member TensorMapRecipe::*member, Value value) {
    return [=](TensorMapRecipe& recipe) { recipe.*member = static_cast<Member>(value); };
}
Change both(const Change& first, const Change& second) {
    return [=](TensorMapRecipe& recipe) { first(recipe), second(recipe); };
}

using R = TensorMapRecipe;

INSTANTIATE_TEST_SUITE_P(
    every_mode, tensor_map_limits,
    testing::Values(Limit{"rank", tiled(), set(&R::rank, 5), set(&R::rank, 6), "rank 6, legal are 1 to 5"},
                    Limit{"no_rank", tiled(), set(&R::rank, 1), set(&R::rank, 0), "rank 0, legal are 1 to 5"},
                    Limit{"size", tiled(), set(&R::sizes, 2, std::int64_t{1} << 32),
                          set(&R::sizes, 2, (std::int64_t{1} << 32) + 1),
                          "4294967297 elements in dimension 2, legal are 1 to 4294967296"},
                    Limit{"empty", tiled(), set(&R::sizes, 3, 1), set(&R::sizes, 3, 0),
                          "0 elements in dimension 3, legal are 1 to 4294967296"},
                    Limit{"stride", tiled(), set(&R::byte_strides, 3, (std::int64_t{1} << 40) - 16),
                          set(&R::byte_strides, 3, std::int64_t{1} << 40),
                          "a stride of 1099511627776 bytes in dimension 3, legal are multiples of 16 below 2^40"},
                    Limit{"stride_granule", tiled(), set(&R::byte_strides, 1, 144), set(&R::byte_strides, 1, 136),
                          "a stride of 136 bytes in dimension 1, legal are multiples of 16 below 2^40"},
                    Limit{"stride_sign", tiled(), set(&R::byte_strides, 1, 16), set(&R::byte_strides, 1, -16),
                          "a stride of -16 bytes in dimension 1, legal are multiples of 16 below 2^40"},
                    Limit{"first_stride_is_not_used", tiled(), set(&R::byte_strides, 0, 3), set(&R::byte_strides, 1, 3),
                          "a stride of 3 bytes in dimension 1, legal are multiples of 16 below 2^40"},
                    Limit{"element_stride", tiled(), set(&R::element_strides, 1, 8), set(&R::element_strides, 1, 9),
                          "an element stride of 9 in dimension 1, legal are 1 to 8"},
                    Limit{"no_element_stride", tiled(), set(&R::element_strides, 0, 0), set(&R::element_strides, 2, 0),
                          "an element stride of 0 in dimension 2, legal are 1 to 8"},
                    Limit{"swizzle", tiled(), set(&R::swizzle_bytes, 128), set(&R::swizzle_bytes, 256),
                          "a swizzle of 256 bytes, legal are 0, 32, 64 and 128"},
                    Limit{"offset", tiled(), set(&R::byte_offset, 32), set(&R::byte_offset, 8),
                          "its first element is 8 bytes from the buffer's address, not a multiple of 16"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    tile_mode, tensor_map_limits,
    testing::Values(
        Limit{"box_bytes", tiled(), set(&R::box, 1, 228), set(&R::box, 1, 229),
              "a box of 234496 bytes, at most 233472 are legal"},
        Limit{"box", tiled(), both(set(&R::box, 1, 256), set(&R::box, 2, 4)), set(&R::box, 1, 257),
              "the box has 257 elements in dimension 1, legal are 1 to 256"},
        Limit{"no_box", tiled(), set(&R::box, 2, 1), set(&R::box, 2, 0),
              "the box has 0 elements in dimension 2, legal are 1 to 256"},
        Limit{"row_of_the_box", tiled(), set(&R::box, 0, 8), set(&R::box, 0, 12),
              "12 elements of the box in dimension 0 of 2 bytes each are 24 bytes, not a multiple of 16"},
        Limit{"swizzled_row", tiled(), set(&R::swizzle_bytes, 0), set(&R::swizzle_bytes, 64),
              "64 elements of the box in dimension 0 of 2 bytes each are 128 bytes, more than the swizzle of 64 bytes"},
        Limit{
            "plain_row", tiled(), both(set(&R::swizzle_bytes, 0), set(&R::box, 0, 256)), set(&R::box, 0, 72),
            "72 elements of the box in dimension 0 of 2 bytes each are 144 bytes, more than the swizzle of 128 bytes"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    im2col_mode, tensor_map_limits,
    testing::Values(Limit{"im2col_rank", im2col(), set(&R::rank, 3), set(&R::rank, 2),
                          "rank 2, im2col mode takes 3 to 5"},
                    Limit{"lower_corner", im2col(), set(&R::lower, 1, -128), set(&R::lower, 1, -129),
                          "the lower corner is -129 in dimension 2, legal in rank 4 are -128 to 127"},
                    Limit{"upper_corner", im2col(), set(&R::upper, 0, 127), set(&R::upper, 0, 128),
                          "the upper corner is 128 in dimension 1, legal in rank 4 are -128 to 127"},
                    Limit{"one_corner_of_16_bits", im2col(), both(set(&R::rank, 3), set(&R::lower, 0, -32768)),
                          both(set(&R::rank, 3), set(&R::lower, 0, -32769)),
                          "the lower corner is -32769 in dimension 1, legal in rank 3 are -32768 to 32767"},
                    Limit{"area", im2col(), set(&R::upper, 1, -56), set(&R::upper, 1, -57),
                          "no pixel between the corners -1 and -57 of dimension 2 of 56 elements"},
                    Limit{"channels", im2col(), both(set(&R::swizzle_bytes, 0), set(&R::channels_per_pixel, 256)),
                          set(&R::channels_per_pixel, 264), "264 channels a pixel, legal are 1 to 256"},
                    Limit{"row_of_channels", im2col(), set(&R::channels_per_pixel, 8), set(&R::channels_per_pixel, 4),
                          "4 channels of a pixel of 2 bytes each are 8 bytes, not a multiple of 16"},
                    Limit{"pixels", im2col(), set(&R::pixels_per_column, 1024), set(&R::pixels_per_column, 1025),
                          "1025 pixels a column, legal are 1 to 1024"},
                    Limit{"the_box_is_not_used", im2col(), set(&R::box, 0, 0), set(&R::pixels_per_column, 0),
                          "0 pixels a column, legal are 1 to 1024"}),
    [](const auto& info) { return info.param.name; });

TEST(tensor_map_limits, of_the_address) {
    EXPECT_EQ(check(tiled(), 16), "");
    EXPECT_EQ(check(tiled(), 8), "its address is a multiple of 8 bytes, not of 16");
}

}  // namespace
}  // namespace heddle::test
