// tests/runtime/tensor_map_problem_test.cpp -- encoding a map without a device, and how one reads in messages.
#include "runtime/cuda_driver.h"
#include "runtime/tensor_map.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

TensorMapRecipe row() {
    TensorMapRecipe recipe;
    recipe.type = f16;
    recipe.rank = 2;
    recipe.sizes = {64, 100};
    recipe.byte_strides = {0, 128};
    recipe.box = {64, 8};
    recipe.swizzle_bytes = 128;
    return recipe;
}

TEST(tensor_map_problem, a_map_reads_as_its_sizes) {
    EXPECT_EQ(describe(row()), "tensor map f16 64x100, box 64x8, swizzle 128 B");
    TensorMapRecipe pixels = row();
    pixels.im2col = true;
    pixels.rank = 3;
    pixels.sizes[2] = 4;
    pixels.channels_per_pixel = 32;
    pixels.pixels_per_column = 96;
    pixels.swizzle_bytes = 0;
    EXPECT_EQ(describe(pixels), "tensor map f16 64x100x4, im2col, 32 channels x 96 pixels");
}

TEST(tensor_map_problem, limits_come_before_the_driver) {
    TensorMapRecipe wide = row();
    wide.box[0] = 128;
    void* const somewhere = reinterpret_cast<void*>(4096);
    EXPECT_EQ(error_of([&] { encode(wide, somewhere); }),
              "tensor map f16 64x100, box 128x8, swizzle 128 B: 128 elements of the box in dimension 0 of 2 bytes each "
              "are 256 bytes, more than the swizzle of 128 bytes");
    EXPECT_EQ(error_of([&] { encode(row(), nullptr); }),
              "tensor map f16 64x100, box 64x8, swizzle 128 B: it has no memory");
}

TEST(tensor_map_problem, no_device) {
    const auto problem = cuda_problem();
    if (!problem) GTEST_SKIP() << "this machine has " << cuda_devices()[0].name;
    void* const somewhere = reinterpret_cast<void*>(4096);
    EXPECT_EQ(error_of([&] { encode(row(), somewhere); }), *problem + "; kernels for the target host run without one");
}

}  // namespace
}  // namespace heddle::test
