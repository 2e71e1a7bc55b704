// tests/driver/kernel_capture_test.cpp -- calls of kernels, captured and not: what they allocate and wait for.
#include <gtest/gtest.h>
#include <functional>

#include "codegen/kernel_graph.h"
#include "dsl/parse.h"
#include "runtime/cuda_graph.h"
#include "runtime/device_buffer.h"
#include "runtime/kernel.h"
#include "runtime/nvrtc.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"
#include "tests/support/fake_driver/fake_driver.h"

namespace heddle::test {
namespace {

constexpr const char* packed_product = "a: f32[5,6]; b: f32[6,16]\nc[i,j] += a[i,k] * b[k,j]";
constexpr const char* packing = "c.0: split(j, 8) reorder(j.o, i, k, j.i) pack(b, {j.o, k, j.i})";

Kernel product() { return compile_here(parse_pipeline(packed_product), parse_schedule(packing), Target::cuda(90)); }
std::vector<Buffer> buffers_of_product() {
    return {device_buffer(f32, {5, 6}), device_buffer(f32, {6, 16}), device_buffer(f32, {5, 16})};
}
int launches_of(const std::function<void()>& call) {
    const std::size_t before = fake_driver().launches.size();
    call();
    return static_cast<int>(fake_driver().launches.size() - before);
}

class kernel_capture : public testing::Test {
protected:
    void SetUp() override {
        if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    }
};

TEST_F(kernel_capture, calls_on_a_stream_neither_wait_nor_allocate_but_once) {
    const Kernel kernel = product();
    const std::vector<Buffer> buffers = buffers_of_product();
    const OwnStream stream;
    kernel.run(buffers, stream.get());
    const int allocations = fake_driver().allocations, waits = fake_driver().waits;
    EXPECT_EQ(launches_of([&] { kernel.run(buffers, stream.get()); }), 2);  // the packed copy, the product
    EXPECT_EQ(fake_driver().allocations, allocations);
    EXPECT_EQ(fake_driver().waits, waits);
}

TEST_F(kernel_capture, scratch_of_run_time_sizes_is_kept_too) {
    const Kernel kernel =
        compile_here(parse_pipeline("N in [1, 100]; a: f32[5,N]; b: f32[N,16]\nc[i,j] += a[i,k] * b[k,j]"),
                     parse_schedule(packing), Target::cuda(90));
    const auto buffers = [](std::int64_t n) {
        return std::vector{device_buffer(f32, {5, n}), device_buffer(f32, {n, 16}), device_buffer(f32, {5, 16})};
    };
    const auto small = buffers(7), large = buffers(50);
    kernel.run(large);
    const int allocations = fake_driver().allocations;
    kernel.run(small);
    kernel.run(large);
    EXPECT_EQ(fake_driver().allocations, allocations);
    EXPECT_EQ(kernel.workspace_bytes(small), 512);  // 2 x 7 x 8 elements of 4 bytes, up to a multiple of 256
    EXPECT_EQ(kernel.workspace_bytes(large), 3328);
}

TEST_F(kernel_capture, a_graph_has_scratch_of_its_own_and_replays_all_launches) {
    const Kernel kernel = product();
    const std::vector<Buffer> buffers = buffers_of_product();
    KernelGraph graph(kernel, buffers);
    const int allocations = fake_driver().allocations, waits = fake_driver().waits;
    EXPECT_EQ(launches_of([&] { graph.launch(), graph.launch(); }), 4);
    EXPECT_EQ(fake_driver().allocations, allocations);
    EXPECT_EQ(fake_driver().waits, waits);
}

TEST_F(kernel_capture, other_buffers_update_the_graph) {
    const Kernel kernel = product();
    KernelGraph graph(kernel, buffers_of_product());
    const std::vector<Buffer> others = buffers_of_product();
    const int instantiations = fake_driver().instantiations;
    graph.update(others);
    EXPECT_EQ(fake_driver().instantiations, instantiations);
    EXPECT_EQ(launches_of([&] { graph.launch(); }), 2);
    EXPECT_EQ(error_of([&] { graph.update(std::vector<Buffer>(2)); }),
              "the kernel takes 3 buffers (a, b, c), 2 were given");
    EXPECT_EQ(launches_of([&] { graph.launch(); }), 2);
}

TEST_F(kernel_capture, constant_inputs_are_packed_beside_the_graph) {
    Kernel kernel = product();
    kernel.declare_constant("b");
    const KernelGraph graph(kernel, buffers_of_product());
    EXPECT_EQ(launches_of([&] { graph.launch(); }), 2);
    EXPECT_EQ(launches_of([&] { graph.launch(); }), 1);
    kernel.invalidate("b");
    EXPECT_EQ(launches_of([&] { graph.launch(); }), 2);
}

TEST_F(kernel_capture, a_captured_call_that_needs_scratch_takes_it_from_the_caller) {
    const Kernel kernel = product();
    const std::vector<Buffer> buffers = buffers_of_product();
    EXPECT_EQ(error_of([&] { CudaGraph([&](CudaStream stream) { kernel.run(buffers, stream); }); }),
              "the stream is being captured, and the kernel needs 512 B of scratch memory that the capture can keep: "
              "pass a workspace, or let KernelGraph capture");
    const Buffer memory = device_buffer(u8, {kernel.workspace_bytes()});
    const CudaGraph graph([&](CudaStream stream) { kernel.run(buffers, stream, memory.data(), memory.elements()); });
    EXPECT_EQ(launches_of([&] { graph.launch(); }), 2);
}

TEST_F(kernel_capture, code_for_other_strides_is_loaded_before) {
    const Kernel kernel = compile_here(parse_pipeline("x: f32[4,6]\ny[i,j] = x[i,j]"), {}, Target::cuda(90));
    const Buffer x = device_buffer(f32, {6, 4}).permuted({1, 0}), y = device_buffer(f32, {4, 6});
    const std::vector<Buffer> buffers{x, y};
    EXPECT_EQ(
        error_of([&] { CudaGraph([&](CudaStream stream) { kernel.run(buffers, stream); }); }),
        "the stream is being captured, and code for these strides of x, y is not loaded yet: call the kernel once "
        "before the capture");
    kernel.run(buffers);
    const CudaGraph graph([&](CudaStream stream) { kernel.run(buffers, stream); });
    EXPECT_EQ(launches_of([&] { graph.launch(); }), 1);
}

TEST_F(kernel_capture, checks_wait_outside_of_a_capture_only) {
    const Kernel kernel =
        compile_here(parse_pipeline("x: f32[10]; t: i32[4]\ny[i] = x[index(t[i], 10)]"), {}, Target::cuda(90));
    const std::vector<Buffer> buffers{device_buffer(i32, {4}), device_buffer(f32, {10}), device_buffer(f32, {4})};
    kernel.run(buffers);
    fake_driver().parameter_bytes[fake_driver().launches.back().kernel] = {8, 8, 8, 8};
    const int waits = fake_driver().waits;
    const KernelGraph graph(kernel, buffers);
    graph.launch();
    EXPECT_EQ(fake_driver().waits, waits);
    graph.check();
    EXPECT_GT(fake_driver().waits, waits);
    auto* const reports = fake_driver().launches.back().argument<KernelReports*>(3);
    *reports = {0, {12, 1}};  // as the kernel does
    EXPECT_NE(error_of([&] { graph.check(); }).find("12"), std::string::npos);
    EXPECT_EQ(error_of([&] { graph.check(); }), "no error");
}

TEST_F(kernel_capture, a_kernel_of_the_host_has_no_graph) {
    const Kernel kernel = compile_here(parse_pipeline("x: f32[4]\ny[i] = x[i]"));
    EXPECT_EQ(error_of([&] {
                  KernelGraph(kernel, std::vector<Buffer>{Buffer(f32, {4}), Buffer(f32, {4})});
              }),
              "a CUDA graph of a kernel for the target " + kernel.target().text() + ": compile it for cuda");
}

}  // namespace
}  // namespace heddle::test
