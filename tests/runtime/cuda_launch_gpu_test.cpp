// tests/runtime/cuda_launch_gpu_test.cpp -- loading and launching on a device, and launches that are refused.
#include <algorithm>

#include "runtime/cuda_module.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "tests/runtime/cuda_sources.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

CudaModule module_of(const char* source) {
    return CudaModule(compile_cuda(source, "test.cu", current_cuda_device().compute_capability).cubin, "test.cu");
}

TEST(gpu_launch, saxpy) {
    HEDDLE_NEEDS_GPU();
    const int n = 1000;
    Buffer x(f32, {n}), y(f32, {n});
    x.fill_random(1, true), y.fill_random(2, true);
    const Buffer dx = to_device(x), dy = to_device(y);
    float a = 3;
    void *px = dx.data(), *py = dy.data();
    int count = n;
    void* parameters[] = {&a, &px, &py, &count};
    const CudaFunction saxpy = module_of(saxpy_source).function("saxpy");  // outlives the module's handle
    launch(saxpy, {{4, 1, 1}, {256, 1, 1}}, parameters);
    EXPECT_EQ(last_cuda_launch(), "kernel 'saxpy' <<<(4,1,1), (256,1,1), 0 B>>>");
    const Buffer result = to_host(dy);
    for (int i = 0; i < n; ++i) ASSERT_EQ(result.get({i}), 3 * x.get({i}) + y.get({i})) << i;
}

TEST(gpu_launch, all_the_shared_memory_that_the_device_has) {
    HEDDLE_NEEDS_GPU();
    const CudaFunction dynamic = module_of(dynamic_source).function("dynamic");
    const int bytes = current_cuda_device().shared_bytes_opt_in;
    EXPECT_EQ(dynamic.max_dynamic_shared_bytes(), bytes);
    const Buffer y = device_buffer(i32, {1});
    int words = bytes / 4;
    void* py = y.data();
    void* parameters[] = {&words, &py};
    launch(dynamic, {{1, 1, 1}, {256, 1, 1}, bytes}, parameters);
    EXPECT_EQ(to_host(y).get({0}), words - 1);
    expect_refusal(
        [&] {
            launch(dynamic, {{1, 1, 1}, {256, 1, 1}, bytes + 16}, parameters);
        },
        "B of dynamic shared memory beside 0 B of static; the device allows " + std::to_string(bytes));
}

TEST(gpu_launch, dependent_launches_are_in_order_where_the_kernel_does_not_trigger) {
    HEDDLE_NEEDS_GPU();
    const CudaFunction saxpy = module_of(saxpy_source).function("saxpy");
    const Buffer y = device_buffer(f32, {1});
    fill_device_bytes(y.data(), 0, 4);
    float a = 1;
    void* py = y.data();
    int n = 1;
    void* parameters[] = {&a, &py, &py, &n};  // y = y + y
    fill_device_words(y.data(), 0x3f800000, 1);
    for (int i = 0; i < 5; ++i) launch(saxpy, {{1, 1, 1}, {32, 1, 1}, 0, true}, parameters);
    EXPECT_EQ(to_host(y).get({0}), 32);
}

TEST(gpu_launch, clusters) {
    HEDDLE_NEEDS_GPU();
    const CudaModule module = module_of(R"(extern "C" __global__ void place(unsigned* y) {
    unsigned rank, blocks = 0;
#if __CUDA_ARCH__ >= 900
    asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
    asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(blocks));
#else
    rank = 0;
#endif
    y[blockIdx.x] = rank + 100 * blocks;
}
)");
    const CudaFunction place = module.function("place");
    const Buffer y = device_buffer(i32, {12});
    void* py = y.data();
    void* parameters[] = {&py};
    const auto refused = [&](const LaunchShape& shape, const std::string& text) {
        expect_refusal([&] { launch(place, shape, parameters); }, "kernel 'place' " + describe(shape) + ": " + text);
    };
    if (current_cuda_device().compute_capability < 90)
        return refused({{12, 1, 1}, {32, 1, 1}, 0, false, {4, 1, 1}}, "clusters need sm_90 or later");
    for (const bool dependent : {false, true}) {
        launch(place, {{12, 1, 1}, {32, 1, 1}, 0, dependent, {4, 1, 1}}, parameters);
        const Buffer result = to_host(y);
        for (int i = 0; i < 12; ++i) EXPECT_EQ(result.get({i}), i % 4 + 400) << i;
    }
    refused({{12, 1, 1}, {32, 1, 1}, 0, false, {5, 1, 1}}, "12 blocks in x are not a multiple of the 5 of a cluster");
    refused({{12, 1, 1}, {32, 1, 1}, 0, false, {12, 1, 1}}, "a cluster of 12 blocks; it can have 8");
}

TEST(gpu_launch, an_empty_grid_launches_nothing) {
    HEDDLE_NEEDS_GPU();
    const CudaFunction saxpy = module_of(saxpy_source).function("saxpy");
    launch(saxpy, {{0, 1, 1}, {256, 1, 1}}, {});
    synchronize();
}

TEST(gpu_launch, shapes_past_the_limits_are_refused) {
    HEDDLE_NEEDS_GPU();
    const CudaFunction saxpy = module_of(saxpy_source).function("saxpy");
    const auto refused = [&](const LaunchShape& shape, const std::string& text) {
        expect_refusal([&] { launch(saxpy, shape, {}); }, "kernel 'saxpy' " + describe(shape) + ": " + text);
    };
    refused({{1, 1, 1}, {2048, 1, 1}}, "2048 threads in x; a block has 1 to 1024 there; CUDA device ");
    refused({{1, 1, 1}, {32, 0, 1}}, "0 threads in y; a block has 1 to 1024 there");
    refused({{1, 1, 1}, {1024, 2, 1}}, "a block of 2048 threads; with its ");
    refused({{1, 70000, 1}, {32, 1, 1}}, "70000 blocks in y; a grid has at most 65535 there");
}

TEST(gpu_launch, code_for_another_device_is_refused_with_both_named) {
    HEDDLE_NEEDS_GPU();
    const int other = current_cuda_device().compute_capability == 80 ? 90 : 80;
    const CudaProgram program = compile_cuda(saxpy_source, "saxpy.cu", other);
    const std::string text = error_of([&] { CudaModule(program.cubin, "saxpy.cu"); });
    EXPECT_TRUE(text.starts_with("loading 'saxpy.cu' on CUDA device ")) << text;
    EXPECT_NE(text.find("the code must be for its compute capability"), std::string::npos) << text;
}

TEST(gpu_launch, a_kernel_that_is_not_there) {
    HEDDLE_NEEDS_GPU();
    EXPECT_THROW(module_of(saxpy_source).function("daxpy"), InternalError);
}

TEST(gpu_launch, timing) {
    HEDDLE_NEEDS_GPU();
    const std::int64_t bytes = 1 << 24;
    const Buffer a = device_buffer(u8, {bytes}), b = device_buffer(u8, {bytes});
    fill_device_bytes(a.data(), 1, bytes);
    CudaTimer timer;
    timer.start();
    copy_on_device(b.data(), a.data(), bytes);
    timer.stop();
    EXPECT_GT(timer.seconds(), 1e-6);
    EXPECT_LT(timer.seconds(), 1);
}

}  // namespace
}  // namespace heddle::test
