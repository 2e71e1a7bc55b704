// tests/codegen/kernel_graph_gpu_test.cpp -- graphs of kernels on a device: the same values as calls, on any buffers.
#include "codegen/kernel_graph.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_graph.h"
#include "runtime/device_buffer.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

class gpu_kernel_graph : public testing::Test {
protected:
    void SetUp() override {
        if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    }

    struct Data {
        Buffer a{f32, {50, 60}}, b{f32, {60, 160}};
        std::vector<Buffer> on_device;
        explicit Data(std::uint64_t seed) {
            a.fill_random(seed, true);
            b.fill_random(seed + 1, true);
            Buffer c(f32, {50, 160});
            c.poison();
            on_device = {to_device(a), to_device(b), to_device(c)};
        }
        std::string difference(const Kernel& kernel, CudaStream stream = nullptr) const {
            return first_difference("c", to_host(on_device[2], stream),
                                    evaluate(kernel.pipeline(), {{"a", a}, {"b", b}}).at("c"));
        }
    };

    static Kernel product() {
        return compile_here(
            parse_pipeline("a: f32[50,60]; b: f32[60,160]\nc[i,j] += a[i,k] * b[k,j]"),
            parse_schedule("c.0: split(j, 8) reorder(i, j.o, k, j.i) bind(i, block_x) bind(j.o, block_y) "
                           "pack(b, {j.o, k, j.i})"),
            Target::cuda(current_cuda_device().compute_capability));
    }
};

TEST_F(gpu_kernel_graph, launches_give_what_calls_give) {
    const Kernel kernel = product();
    const Data data(1);
    const KernelGraph graph(kernel, data.on_device);
    const OwnStream stream;
    for (int i = 0; i < 3; ++i) graph.launch(stream.get());
    EXPECT_EQ(data.difference(kernel, stream.get()), "");
}

TEST_F(gpu_kernel_graph, other_buffers) {
    const Kernel kernel = product();
    const Data first(1), second(7);
    KernelGraph graph(kernel, first.on_device);
    graph.launch();
    graph.update(second.on_device);
    graph.launch();
    EXPECT_EQ(first.difference(kernel), "");
    EXPECT_EQ(second.difference(kernel), "");
}

TEST_F(gpu_kernel_graph, constant_inputs_are_packed_when_told) {
    Kernel kernel = product();
    kernel.declare_constant("b");
    const Data data(1);
    const KernelGraph graph(kernel, data.on_device);
    graph.launch();
    EXPECT_EQ(data.difference(kernel), "");
    data.b.fill(2);
    copy_to_device(data.on_device[1].data(), data.b.data(), 60 * 160 * 4);
    kernel.invalidate("b");
    graph.launch();
    EXPECT_EQ(data.difference(kernel), "");
}

TEST_F(gpu_kernel_graph, a_call_that_the_caller_captures) {
    const Kernel kernel = product();
    const Data data(3);
    const Buffer memory = device_buffer(u8, {kernel.workspace_bytes()});
    const CudaGraph graph(
        [&](CudaStream stream) { kernel.run(data.on_device, stream, memory.data(), memory.elements()); });
    graph.launch();
    EXPECT_EQ(data.difference(kernel), "");
    expect_refusal([&] { CudaGraph([&](CudaStream stream) { kernel.run(data.on_device, stream); }); },
                   "the stream is being captured, and the kernel needs ");
}

TEST_F(gpu_kernel_graph, run_time_sizes) {
    const Kernel kernel = compile_here(parse_pipeline("N in [1, 100000]; x: f32[N]\ny[i] = 2 * x[i]"), {},
                                       Target::cuda(current_cuda_device().compute_capability));
    const auto buffers = [](std::int64_t n) {
        Buffer x(f32, {n});
        x.fill(3);
        return std::vector{to_device(x), device_buffer(f32, {n})};
    };
    const auto small = buffers(10), large = buffers(100000);
    KernelGraph graph(kernel, small);
    graph.launch();
    graph.update(large);
    graph.launch();
    EXPECT_EQ(to_host(small[1]).get({9}), 6);
    EXPECT_EQ(to_host(large[1]).get({99999}), 6);
}

TEST_F(gpu_kernel_graph, a_failed_check_is_found_later) {
    const Kernel kernel = compile_here(parse_pipeline("x: f32[10]; t: i32[4]\ny[i] = x[index(t[i], 10)]"), {},
                                       Target::cuda(current_cuda_device().compute_capability));
    Buffer t(i32, {4}), x(f32, {10});
    t.set({2}, 12);
    const std::vector<Buffer> buffers{to_device(t), to_device(x), device_buffer(f32, {4})};
    const KernelGraph graph(kernel, buffers);
    graph.launch();
    expect_refusal([&] { graph.check(); }, "12");
    t.set({2}, 9);
    copy_to_device(buffers[0].data(), t.data(), 16);
    graph.launch();
    EXPECT_EQ(error_of([&] { graph.check(); }), "no error");
}

}  // namespace
}  // namespace heddle::test
