// tests/runtime/tensor_map_gpu_test.cpp -- maps that the driver encodes, and what a copy by them brings.
#include "runtime/tensor_map.h"

#include "runtime/cuda_module.h"
#include "runtime/device_buffer.h"
#include "tests/runtime/cuda_sources.h"
#include "tests/support/error_text.h"

#define HEDDLE_NEEDS_SM_90()                           \
    HEDDLE_NEEDS_GPU();                                \
    if (current_cuda_device().compute_capability < 90) \
    GTEST_SKIP() << current_cuda_device().name << " has no tensor maps"

namespace heddle::test {
namespace {

/// One thread brings a tile of `bytes` into shared memory, by @copy@, and writes it out as it lies there.
std::string copy_source(const std::string& copy) {
    return R"(struct __align__(64) TensorMap { unsigned long long words[16]; };
extern "C" __global__ void bring(const __grid_constant__ TensorMap map, int bytes, float* y) {
    __shared__ __align__(1024) float tile[4096];
    __shared__ __align__(8) unsigned long long barrier;
    const unsigned to = static_cast<unsigned>(__cvta_generic_to_shared(tile));
    const unsigned full = static_cast<unsigned>(__cvta_generic_to_shared(&barrier));
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(full));
    asm volatile("fence.mbarrier_init.release.cluster;");
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(full), "r"(bytes) : "memory");
    asm volatile(")" +
           copy + R"(" ::"r"(to), "l"(&map), "r"(full) : "memory");
    unsigned done = 0;
    while (!done)
        asm volatile("{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], 0;\nselp.u32 %0, 1, 0, p;\n}"
                     : "=r"(done) : "r"(full) : "memory");
    for (int i = 0; i < bytes / 4; ++i) y[i] = tile[i];
}
)";
}

/// `count` floats of a tile that the copy brings.
Buffer brought(const std::string& copy, const TensorMapRecipe& recipe, const Buffer& x, std::int64_t count) {
    const CudaProgram program = compile_cuda(copy_source(copy), "bring.cu", current_cuda_device().compute_capability);
    const CudaFunction bring = CudaModule(program.cubin, "bring.cu").function("bring");
    TensorMap map = encode(recipe, x.data());
    const Buffer y = device_buffer(f32, {count});
    int bytes = static_cast<int>(count * 4);
    void* py = y.data();
    void* parameters[] = {&map, &bytes, &py};
    launch(bring, {{1, 1, 1}, {1, 1, 1}}, parameters);
    return to_host(y);
}

Buffer numbered(const std::vector<std::int64_t>& shape) {
    const Buffer buffer(f32, shape);
    for (std::int64_t i = 0; i < buffer.elements(); ++i) buffer.as<float>()[i] = static_cast<float>(i + 1);
    return buffer;
}

TEST(gpu_tensor_map, a_box_with_zeros_outside) {
    HEDDLE_NEEDS_SM_90();
    const Buffer x = numbered({5, 8});
    TensorMapRecipe recipe;
    recipe.rank = 2;
    recipe.sizes = {6, 5};  // of the rows of 8
    recipe.byte_strides = {0, 32};
    recipe.box = {4, 6};  // starts at multiples of 16 bytes along a row
    const Buffer y = brought(
        "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {4, -1}], [%2];",
        recipe, to_device(x), 24);
    for (int r = 0; r < 6; ++r)
        for (int c = 0; c < 4; ++c) {
            const bool inside = r >= 1 && r <= 5 && c < 2;
            EXPECT_EQ(y.get({r * 4 + c}), inside ? x.get({r - 1, c + 4}) : 0) << r << " " << c;
        }
}

TEST(gpu_tensor_map, pixels_of_a_padded_stencil) {
    HEDDLE_NEEDS_SM_90();
    const Buffer x = numbered({2, 3, 4, 8});  // N, H, W, C
    TensorMapRecipe recipe;
    recipe.im2col = true;
    recipe.rank = 4;
    recipe.sizes = {8, 4, 3, 2};
    recipe.byte_strides = {0, 32, 128, 384};
    recipe.lower = {-1, -1};
    recipe.upper = {-1, -1};  // 3x3, padding 1: as many pixels as the tensor has
    recipe.channels_per_pixel = 8;
    recipe.pixels_per_column = 16;
    // The tap (r, s) = (2, 0) of the pixels from (p, q) = (1, 2) of the first image on.
    const Buffer y = brought(
        "cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes [%0], [%1, {0, 1, 0, 0}], "
        "[%2], {0, 2};",
        recipe, to_device(x), 16 * 8);
    for (int pixel = 0; pixel < 16; ++pixel) {
        const int flat = 6 + pixel, n = flat / 12, h = flat / 4 % 3 - 1 + 2, w = flat % 4 - 1;
        const bool inside = h < 3 && w >= 0;
        for (int c = 0; c < 8; ++c)
            EXPECT_EQ(y.get({pixel * 8 + c}), inside ? x.get({n, h, w, c}) : 0) << pixel << " " << c;
    }
}

TEST(gpu_tensor_map, an_address_that_is_not_aligned_is_refused) {
    HEDDLE_NEEDS_SM_90();
    const Buffer x = device_buffer(f32, {64});
    TensorMapRecipe recipe;
    recipe.sizes = {16};
    recipe.box = {16};
    EXPECT_EQ(error_of([&] { encode(recipe, x.as<float>() + 1); }),
              "tensor map f32 16, box 16: its address is a multiple of 4 bytes, not of 16");
    recipe.byte_offset = 12;
    EXPECT_EQ(error_of([&] { encode(recipe, x.as<float>() + 1); }), "no error");
}

TEST(gpu_tensor_map, what_check_accepts_the_driver_takes) {
    HEDDLE_NEEDS_SM_90();
    const Buffer x = device_buffer(u8, {1 << 20});
    std::uint64_t state = 1;
    const auto draw = [&](std::int64_t first, std::int64_t last) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return first + static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(last - first + 1));
    };
    int legal = 0;
    for (int round = 0; round < 20000; ++round) {
        TensorMapRecipe recipe;
        recipe.type = std::array{u8, bf16, f16, f32, f64, i32, i64, u16}[static_cast<std::size_t>(draw(0, 7))];
        recipe.im2col = draw(0, 1) == 1;
        recipe.rank = static_cast<int>(draw(recipe.im2col ? 3 : 1, 5));
        for (std::size_t d = 0; d < 5; ++d) {
            recipe.sizes[d] = draw(1, 300);
            recipe.byte_strides[d] = draw(0, 64) * 16;
            recipe.box[d] = static_cast<int>(d == 0 ? draw(1, 16) * 16 / bytes_of(recipe.type) : draw(1, 256));
            recipe.element_strides[d] = static_cast<int>(draw(1, 8));
        }
        for (std::size_t d = 0; d < 3; ++d) {
            recipe.lower[d] = static_cast<int>(draw(-16, 15));
            recipe.upper[d] = static_cast<int>(draw(-16, 15));
        }
        recipe.channels_per_pixel = recipe.box[0];
        recipe.pixels_per_column = static_cast<int>(draw(1, 1024));
        recipe.swizzle_bytes = std::array{0, 32, 64, 128}[static_cast<std::size_t>(draw(0, 3))];
        if (!check(recipe, 256).empty()) continue;
        ++legal;
        EXPECT_NO_THROW(encode(recipe, x.data())) << describe(recipe);
    }
    EXPECT_GT(legal, 1000);
}

}  // namespace
}  // namespace heddle::test
