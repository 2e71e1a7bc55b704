// tests/driver/launch_parameters_test.cpp -- what a planned launch hands to the driver: arguments in order, its shape.
#include <gtest/gtest.h>

#include "codegen/cuda_code.h"
#include "tests/support/error_text.h"
#include "tests/support/fake_driver/fake_driver.h"

namespace heddle::test {
namespace {

const Tensor x("x", bf16, {64, 8});
const Tensor y("y", f32, {64});

TensorMapRecipe rows_of_x() {
    TensorMapRecipe recipe;
    recipe.type = bf16;
    recipe.rank = 2;
    recipe.sizes = {8, 64};
    recipe.byte_strides = {0, 16};
    recipe.box = {8, 16};
    return recipe;
}

/// kernel(map of x, y, x, [N]) with x and y as parameters 0 and 1 of its step.
LoadedCudaPlan plan_of(CudaKernel kernel) {
    fake_driver().parameter_bytes["k"] = {128, 8, 8, 8};
    if (kernel.sizes.empty()) fake_driver().parameter_bytes["k"].pop_back();
    LoadedCudaPlan plan;
    LoadedCudaPlan::Launch launch;
    launch.function = CudaModule({}, "k.cu").function("k");
    launch.buffers = {1, 0};
    launch.mapped_buffers = {0};
    launch.maps = {std::make_shared<TensorMapCache>()};
    kernel.name = "k";
    for (Expr* extents : {kernel.grid, kernel.block})
        for (int d = 0; d < 3; ++d)
            if (!extents[d].defined()) extents[d] = Expr::integer(1);
    kernel.buffers = {y, x};
    launch.kernel = kernel;
    plan.steps.push_back({launch});
    return plan;
}

FakeLaunch last_launch() { return fake_driver().launches.back(); }

TEST(launch_parameters, maps_then_pointers_then_sizes) {
    CudaKernel kernel;
    const Symbol size = Extent::dynamic("N", 1, 1000).expr().as<Variable>()->symbol;
    kernel.grid[0] = Expr(size);
    kernel.block[0] = Expr::integer(128);
    kernel.sizes = {size};
    kernel.tensor_maps = {{x, rows_of_x(), {Expr::integer(8), Expr(size)}, {}}};
    const LoadedCudaPlan plan = plan_of(kernel);
    alignas(256) std::byte memory[512];
    void* addresses[] = {memory, memory + 256};
    const std::int64_t sizes[] = {40};
    launch_step(plan, 0, addresses, {size}, sizes, nullptr);
    const FakeLaunch launch = last_launch();
    EXPECT_EQ(launch.argument<TensorMap>(0).words[0], reinterpret_cast<std::uintptr_t>(addresses[0]));
    EXPECT_EQ(launch.argument<void*>(1), addresses[1]);
    EXPECT_EQ(launch.argument<void*>(2), addresses[0]);
    EXPECT_EQ(launch.argument<std::int64_t>(3), 40);
    EXPECT_EQ(launch.grid[0], 40u);
    EXPECT_EQ(launch.block[0], 128u);
}

TEST(launch_parameters, the_same_buffers_encode_nothing_anew) {
    CudaKernel kernel;
    kernel.tensor_maps = {{x, rows_of_x(), {}, {}}};
    const LoadedCudaPlan plan = plan_of(kernel);
    alignas(256) std::byte memory[512];
    void* addresses[] = {memory, memory + 256};
    const int before = fake_driver().encoded_maps;
    for (int i = 0; i < 3; ++i) launch_step(plan, 0, addresses, {}, {}, nullptr);
    EXPECT_EQ(fake_driver().encoded_maps, before + 1);
    std::swap(addresses[0], addresses[1]);
    launch_step(plan, 0, addresses, {}, {}, nullptr);
    EXPECT_EQ(fake_driver().encoded_maps, before + 2);
    EXPECT_EQ(last_launch().argument<TensorMap>(0).words[0], reinterpret_cast<std::uintptr_t>(addresses[0]));
}

TEST(launch_parameters, other_run_time_sizes_encode_anew) {
    CudaKernel kernel;
    const Symbol size = Extent::dynamic("N", 1, 1000).expr().as<Variable>()->symbol;
    kernel.sizes = {size};
    kernel.tensor_maps = {{x, rows_of_x(), {Expr(size), Expr::integer(64)}, {Expr::integer(0), Expr(size) * 2}}};
    const LoadedCudaPlan plan = plan_of(kernel);
    alignas(256) std::byte memory[512];
    void* addresses[] = {memory, memory + 256};
    for (const std::int64_t value : {8, 16, 8}) {
        launch_step(plan, 0, addresses, {size}, std::span(&value, 1), nullptr);
        EXPECT_EQ(last_launch().argument<TensorMap>(0).words[1], static_cast<std::uint64_t>(value));
    }
    const std::int64_t odd = 9;
    EXPECT_EQ(error_of([&] { launch_step(plan, 0, addresses, {size}, std::span(&odd, 1), nullptr); }),
              "x: tensor map bf16 9x64, box 8x16: a stride of 18 bytes in dimension 1, legal are multiples of 16 below "
              "2^40");
}

TEST(launch_parameters, an_address_that_is_not_aligned_names_the_buffer) {
    CudaKernel kernel;
    kernel.tensor_maps = {{x, rows_of_x(), {}, {}}};
    const LoadedCudaPlan plan = plan_of(kernel);
    alignas(256) std::byte memory[512];
    void* addresses[] = {memory + 8, memory + 256};
    EXPECT_EQ(error_of([&] { launch_step(plan, 0, addresses, {}, {}, nullptr); }),
              "x: tensor map bf16 8x64, box 8x16: its address is a multiple of 8 bytes, not of 16");
}

TEST(launch_parameters, the_shape_is_the_kernels) {
    CudaKernel kernel;
    kernel.grid[0] = Expr::integer(12);
    kernel.grid[1] = Expr::integer(3);
    kernel.block[0] = Expr::integer(96);
    kernel.shared_bytes = 100000;
    kernel.cluster = {4, 1, 1};
    kernel.dependent = true;
    kernel.tensor_maps = {{x, rows_of_x(), {}, {}}};
    const LoadedCudaPlan plan = plan_of(kernel);
    alignas(256) std::byte memory[512];
    void* addresses[] = {memory, memory + 256};
    launch_step(plan, 0, addresses, {}, {}, nullptr);
    const FakeLaunch launch = last_launch();
    EXPECT_EQ(launch.grid, (std::array{12u, 3u, 1u}));
    EXPECT_EQ(launch.cluster, (std::array{4u, 1u, 1u}));
    EXPECT_EQ(launch.shared_bytes, 100000u);
    EXPECT_TRUE(launch.dependent);
    EXPECT_EQ(last_cuda_launch(), "kernel 'k' <<<(12,3,1), (96,1,1), 100000 B, clusters of (4,1,1)>>>");
}

}  // namespace
}  // namespace heddle::test
