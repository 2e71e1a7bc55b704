// tests/codegen/cuda_kernel_limits_test.cpp -- kernels that no device of the target can launch, beside those at the
// limit.
#include "codegen/cuda_kernel_limits.h"

#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

CudaKernel kernel_of(std::int64_t threads = 32) {
    CudaKernel kernel;
    kernel.name = "y";
    for (Expr& extent : kernel.grid) extent = Expr::integer(1);
    for (Expr& extent : kernel.block) extent = Expr::integer(1);
    kernel.block[0] = Expr::integer(threads);
    return kernel;
}

std::string refusal(const CudaKernel& kernel, int capability) {
    return error_of([&] { check_limits(kernel, Target::cuda(capability)); });
}

TEST(cuda_kernel_limits, threads_of_a_block) {
    EXPECT_EQ(refusal(kernel_of(1024), 90), "no error");
    CudaKernel kernel = kernel_of(512);
    kernel.block[1] = Expr::integer(3);
    EXPECT_EQ(refusal(kernel, 80),
              "kernel y for cuda:sm_80: a block of 1536 threads, and at most 1024 are legal: bind smaller loops to "
              "threads");
}

struct SharedMemory {
    int capability, bytes;
};
void PrintTo(const SharedMemory& memory, std::ostream* out) {
    *out << "sm_" << memory.capability << ", " << memory.bytes << " B";
}
class cuda_kernel_shared_memory : public testing::TestWithParam<SharedMemory> {};

TEST_P(cuda_kernel_shared_memory, is_that_of_the_target) {
    const auto [capability, bytes] = GetParam();
    CudaKernel kernel = kernel_of();
    kernel.shared_bytes = bytes;
    EXPECT_EQ(refusal(kernel, capability), "no error");
    kernel.shared_bytes = bytes + 16;
    const std::string most = std::to_string(bytes);
    EXPECT_EQ(refusal(kernel, capability), "kernel y for cuda:sm_" + std::to_string(capability) + ": " +
                                               std::to_string(bytes + 16) +
                                               " B of shared memory, and a block has 49152 without opt-in, " + most +
                                               " with it: take smaller tiles or fewer stages of a pipeline");
}

INSTANTIATE_TEST_SUITE_P(devices, cuda_kernel_shared_memory,
                         testing::Values(SharedMemory{75, 65536}, SharedMemory{80, 166912}, SharedMemory{86, 101376},
                                         SharedMemory{90, 232448}),
                         [](const auto& info) { return "sm_" + std::to_string(info.param.capability); });

TEST(cuda_kernel_limits, blocks_of_a_grid) {
    CudaKernel kernel = kernel_of();
    kernel.grid[1] = Expr::integer(65535);
    EXPECT_EQ(refusal(kernel, 90), "no error");
    kernel.grid[1] = Expr::integer(65536);
    EXPECT_EQ(refusal(kernel, 90), "kernel y for cuda:sm_90: 65536 blocks in y, and at most 65535 are legal there");
}

TEST(cuda_kernel_limits, clusters) {
    CudaKernel kernel = kernel_of();
    kernel.cluster = {4, 2, 1};
    EXPECT_EQ(refusal(kernel, 90), "no error");
    EXPECT_EQ(refusal(kernel, 80), "kernel y for cuda:sm_80: clusters need sm_90 or later");
    kernel.cluster = {16, 1, 1};
    EXPECT_EQ(refusal(kernel, 90), "kernel y for cuda:sm_90: a cluster of 16 blocks, and 1 to 8 are legal");
    kernel.cluster = {0, 1, 1};
    EXPECT_EQ(refusal(kernel, 90), "kernel y for cuda:sm_90: a cluster of 0 blocks, and 1 to 8 are legal");
}

TEST(cuda_kernel_limits, tensor_maps) {
    CudaKernel kernel = kernel_of();
    TensorMapRecipe recipe;
    recipe.type = bf16;
    recipe.sizes = {64};
    recipe.box = {64};
    kernel.tensor_maps.push_back({Tensor("x", bf16, {64}), recipe, {}, {}});
    EXPECT_EQ(refusal(kernel, 90), "no error");
    EXPECT_EQ(refusal(kernel, 80), "kernel y for cuda:sm_80: tensor maps (TMA) need sm_90 or later");
    kernel.tensor_maps[0].recipe.box[0] = 257;
    EXPECT_EQ(refusal(kernel, 90),
              "kernel y for cuda:sm_90: x: tensor map bf16 64, box 257: the box has 257 elements in dimension 0, legal "
              "are 1 to 256");
    kernel.tensor_maps[0].sizes = {Expr::integer(64)};  // of run-time sizes: left to the launch
    EXPECT_EQ(refusal(kernel, 90), "no error");
}

}  // namespace
}  // namespace heddle::test
