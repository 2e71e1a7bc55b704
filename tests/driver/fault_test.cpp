// tests/driver/fault_test.cpp -- errors that surface late or at the launch name the kernel, its shape and the state.
#include <gtest/gtest.h>

#include "runtime/cuda_module.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "tests/support/error_text.h"
#include "tests/support/fake_driver/fake_driver.h"

namespace heddle::test {
namespace {

class fault : public testing::Test {
protected:
    void TearDown() override {
        FakeDriver& driver = fake_driver();
        driver.later_result = driver.launch_result = 0;
        driver.max_threads = 1024;
        driver.free_bytes = std::size_t{1} << 30;
    }
    CudaFunction stray = CudaModule({}, "stray.cu").function("stray");
};

constexpr const char* lost =
    "; the CUDA context is lost with all its memory: restart the process, or go on in a fresh context";

TEST_F(fault, surfaces_at_a_wait_with_the_kernel_launched_last) {
    launch(stray, {{2, 1, 1}, {64, 1, 1}}, {});
    fake_driver().later_result = 700;
    EXPECT_EQ(error_of([] { synchronize(); }),
              std::string("waiting for a CUDA stream: CUDA_ERROR_ILLEGAL_ADDRESS (700): as the test wants it") + lost +
                  "; last launched: kernel 'stray' <<<(2,1,1), (64,1,1), 0 B>>>");
}

TEST_F(fault, surfaces_at_the_next_launch_with_the_one_before) {
    launch(stray, {{2, 1, 1}, {64, 1, 1}}, {});
    fake_driver().launch_result = 700;
    EXPECT_EQ(error_of([&] {
                  launch(stray, {{3, 1, 1}, {64, 1, 1}}, {});
              }),
              std::string("kernel 'stray' <<<(3,1,1), (64,1,1), 0 B>>>: CUDA_ERROR_ILLEGAL_ADDRESS (700): as the test "
                          "wants it") +
                  lost + "; launched before it: kernel 'stray' <<<(2,1,1), (64,1,1), 0 B>>>");
}

TEST_F(fault, out_of_resources_leaves_the_process_usable) {
    fake_driver().launch_result = 701;
    EXPECT_EQ(
        error_of([&] {
            launch(stray, {{3, 1, 1}, {64, 1, 1}}, {});
        }),
        "kernel 'stray' <<<(3,1,1), (64,1,1), 0 B>>>: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701): as the test wants "
        "it");
    fake_driver().launch_result = 0;
    EXPECT_EQ(error_of([&] { launch(stray, {{3, 1, 1}, {64, 1, 1}}, {}); }), "no error");
}

TEST_F(fault, registers_bound_the_block) {
    fake_driver().max_threads = 512;
    const CudaFunction heavy = CudaModule({}, "heavy.cu").function("heavy");
    EXPECT_EQ(error_of([&] { launch(heavy, {{1, 1, 1}, {512, 1, 1}}, {}); }), "no error");
    EXPECT_EQ(
        error_of([&] {
            launch(heavy, {{1, 1, 1}, {1024, 1, 1}}, {});
        }),
        "kernel 'heavy' <<<(1,1,1), (1024,1,1), 0 B>>>: a block of 1024 threads; with its 32 registers a thread the "
        "kernel can have 512; CUDA device 0 (Fake, sm_90)");
}

TEST_F(fault, out_of_memory_names_the_sizes) {
    fake_driver().free_bytes = 1000;
    EXPECT_EQ(error_of([] {
                  device_buffer(f32, {16, 16});
              }),
              "buffer f32 16x16: cannot allocate 1024 B (1.02 KB) on CUDA device 0 (Fake): 1000 B (1 KB) free of "
              "17179869184 B (17.2 GB)");
    EXPECT_EQ(error_of([] { device_buffer(f32, {16, 15}); }), "no error");
}

}  // namespace
}  // namespace heddle::test
