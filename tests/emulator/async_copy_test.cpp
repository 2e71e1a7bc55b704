// tests/emulator/async_copy_test.cpp -- copies counted by mbarriers: bytes, boxes, columns of pixels, and stores of
// boxes.
#include "tests/emulator/kernel_texts.h"

namespace heddle::test {
namespace {

const std::set<std::string> barrier_helpers = {"barrier_init", "barrier_init_fence", "barrier_expect", "barrier_arrive",
                                               "barrier_wait"};

std::set<std::string> with_barriers(std::set<std::string> helpers) {
    helpers.insert(barrier_helpers.begin(), barrier_helpers.end());
    return helpers;
}

std::vector<float> counted(int count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i + 1);
    return values;
}

// One warp fills a ring of three stages, two consume it; each stage is handed back.
TEST(AsyncCopy, RingOfStagesBetweenWarps) {
    const KernelText kernel = {R"(__shared__ __align__(16) float s[3][64];
__shared__ Barrier full[3], empty[3];
if (threadIdx.x == 0) {
    for (int i = 0; i < 3; ++i) {
        barrier_init(&full[i], 1);
        barrier_init(&empty[i], 2);
    }
    barrier_init_fence();
}
__syncthreads();
const int warp = threadIdx.x / 32;
if (warp == 2) {
    if (threadIdx.x % 32 == 0)
        for (int k = 0; k < 16; ++k) {
            const int stage = k % 3;
            barrier_wait(&empty[stage], 1 - k / 3 % 2);
            barrier_expect(&full[stage], 256);
            bulk_load(s[stage], in + 64 * k, 256, &full[stage]);
        }
} else {
    float sum = 0;
    for (int k = 0; k < 16; ++k) {
        const int stage = k % 3;
        barrier_wait(&full[stage], k / 3 % 2);
        sum += s[stage][63 - threadIdx.x];
        __syncwarp();
        if (threadIdx.x % 32 == 0) barrier_arrive(&empty[stage]);
    }
    out[threadIdx.x] = sum;
})",
                               "const float* in, float* out", with_barriers({"bulk_load"})};
    const std::vector<float> in = counted(1024);
    std::vector<float> out(64);
    ASSERT_EQ(fault_of(EmulatedProgram(kernel.text()), 0, {96}, in, out), "");
    for (std::size_t i = 0; i < 64; ++i) {
        float sum = 0;
        for (std::size_t k = 0; k < 16; ++k) sum += in[64 * k + 63 - i];
        EXPECT_EQ(out[i], sum);
    }
}

// A map of a 2-D tensor of f32; boxes of 32 x 8, which are rows of 128 bytes.
TensorMapRecipe matrix(std::int64_t columns, std::int64_t rows, int swizzle) {
    TensorMapRecipe recipe;
    recipe.rank = 2;
    recipe.sizes = {columns, rows};
    recipe.byte_strides = {4, columns * 4};
    recipe.box = {swizzle ? swizzle / 4 : 32, 8, 1, 1, 1};
    recipe.swizzle_bytes = swizzle;
    return recipe;
}

class AsyncBox : public testing::TestWithParam<int> {};

// The box at (20, 5) of a 40 x 10 tensor, whose corner lies outside, is shown as it lies in shared memory, and stored
// back at (4, 3) of the output.
TEST_P(AsyncBox, IsLoadedSwizzledAndStored) {
    const int swizzle = GetParam(), width = swizzle ? swizzle / 4 : 32;
    const KernelText kernel = {
        R"(__shared__ __align__(1024) float s[256];
__shared__ Barrier full;
if (threadIdx.x == 0) {
    barrier_init(&full, 1);
    barrier_init_fence();
    barrier_expect(&full, sizeof(float) * 8 * WIDTH);
    tma_load_2d(s, &source, &full, 20, 5);
}
__syncthreads();
barrier_wait(&full, 0);
for (int i = threadIdx.x; i < 8 * WIDTH; i += 32) out[400 + i] = s[i];
if (threadIdx.x == 0) {
    tma_store_2d(&target, s, 4, 3);
    tma_store_commit();
    tma_store_wait_read<0>();
})",
        "const __grid_constant__ TensorMap source, const __grid_constant__ TensorMap target, "
        "const float* in, float* out",
        with_barriers({"tma_load_2d", "tma_store_2d", "tma_store_commit", "tma_store_wait_read"})};
    std::string text = kernel.text();
    for (std::size_t at; (at = text.find("WIDTH")) != std::string::npos;) text.replace(at, 5, std::to_string(width));
    const std::vector<float> in = counted(400);
    std::vector<float> out(400 + 8 * static_cast<std::size_t>(width), -1.0f);
    KernelLaunch launch = {32};
    launch.maps = {{matrix(40, 10, swizzle), false}, {matrix(40, 10, swizzle), true}};
    ASSERT_EQ(fault_of(EmulatedProgram(text), 0, launch, in, out), "");
    std::vector<float> expected(out.size(), -1.0f);
    for (int row = 0; row < 8; ++row)
        for (int column = 0; column < width; ++column) {
            const int from_row = 5 + row, from_column = 20 + column;
            const float value =
                from_row < 10 && from_column < 40 ? in[static_cast<std::size_t>(from_row * 40 + from_column)] : 0;
            // 16-byte chunks of a row change places with the row's number, as often as the swizzle is wide.
            const int byte = row * width * 4 + column * 4;
            const int flips = swizzle == 128 ? 7 : swizzle == 64 ? 3 : swizzle == 32 ? 1 : 0;
            const int place = (byte ^ (byte / 128 & flips) * 16) / 4;
            expected[static_cast<std::size_t>(400 + place)] = value;
            if (3 + row < 10 && 4 + column < 40)
                expected[static_cast<std::size_t>((3 + row) * 40 + 4 + column)] = value;
        }
    EXPECT_EQ(out, expected);
}

INSTANTIATE_TEST_SUITE_P(Swizzles, AsyncBox, testing::Values(0, 32, 64, 128));

// Columns of an image as a convolution of 3 x 3 reads them: stride 2, padding 1, both images in one walk.
TEST(AsyncCopy, ColumnsOfPixels) {
    constexpr int W = 7, H = 5, N = 2, Q = 4, P = 3, pixels = 24;
    TensorMapRecipe recipe;
    recipe.im2col = true;
    recipe.rank = 4;
    recipe.sizes = {4, W, H, N};
    recipe.byte_strides = {4, 16, 16 * W, 16 * W * H};
    recipe.element_strides = {1, 2, 2, 1, 1};
    recipe.lower = {-1, -1};
    recipe.upper = {-1, -1};  // padding - (extent of the window - 1)
    recipe.channels_per_pixel = 4;
    recipe.pixels_per_column = pixels;
    const KernelText kernel = {R"(__shared__ __align__(128) float s[9][96];
__shared__ Barrier full;
if (threadIdx.x == 0) {
    barrier_init(&full, 1);
    barrier_init_fence();
    barrier_expect(&full, sizeof s);
    for (unsigned short r = 0; r < 3; ++r)
        for (unsigned short q = 0; q < 3; ++q) tma_load_im2col_4d(s[3 * r + q], &source, &full, 0, -1, -1, 0, q, r);
}
__syncthreads();
barrier_wait(&full, 0);
for (int i = threadIdx.x; i < 864; i += 32) out[i] = s[i / 96][i % 96];)",
                               "const __grid_constant__ TensorMap source, const float* in, float* out",
                               with_barriers({"tma_load_im2col_4d"})};
    const std::vector<float> in = counted(4 * W * H * N);
    std::vector<float> out(864);
    KernelLaunch launch = {32};
    launch.maps = {{recipe, false}};
    ASSERT_EQ(fault_of(EmulatedProgram(kernel.text()), 0, launch, in, out), "");
    for (int tap = 0; tap < 9; ++tap)
        for (int pixel = 0; pixel < pixels; ++pixel)
            for (int c = 0; c < 4; ++c) {
                const int n = pixel / (P * Q), h = pixel / Q % P * 2 - 1 + tap / 3, w = pixel % Q * 2 - 1 + tap % 3;
                const bool inside = h >= 0 && h < H && w >= 0 && w < W;
                const float value = inside ? in[static_cast<std::size_t>(((n * H + h) * W + w) * 4 + c)] : 0.0f;
                EXPECT_EQ(out[static_cast<std::size_t>(tap * 96 + pixel * 4 + c)], value) << tap << " " << pixel;
            }
}

// Blocks of a cluster read each other's shared memory.
TEST(AsyncCopy, ClustersShareMemory) {
    const KernelText kernel = {R"(__shared__ float s[32];
s[threadIdx.x] = in[32 * blockIdx.x + threadIdx.x];
cluster_sync();
const float* other = static_cast<const float*>(cluster_address(s, 1 - cluster_rank()));
out[32 * blockIdx.x + threadIdx.x] = other[threadIdx.x];
cluster_sync();)",
                               "const float* in, float* out",
                               {"cluster_sync", "cluster_rank", "cluster_address"}};
    const std::vector<float> in = counted(128);
    std::vector<float> out(128);
    ASSERT_EQ(fault_of(EmulatedProgram(kernel.text()), 0, {32, 4, 2}, in, out), "");
    for (std::size_t i = 0; i < 128; ++i) EXPECT_EQ(out[i], in[i ^ 32]);
}

}  // namespace
}  // namespace heddle::test
