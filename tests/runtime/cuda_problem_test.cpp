// tests/runtime/cuda_problem_test.cpp -- a machine without driver or device: one line says so, and calls quote it.
#include "runtime/cuda_driver.h"

#include <gtest/gtest.h>

#include "runtime/cuda_module.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

TEST(cuda_problem, devices_are_listed_where_there_is_none) {
    EXPECT_EQ(cuda_problem().has_value(), cuda_devices().empty());
    EXPECT_EQ(cuda_problem(), cuda_problem());
}

TEST(cuda_problem, is_one_line_that_every_call_quotes) {
    const auto problem = cuda_problem();
    if (!problem) GTEST_SKIP() << "this machine has " << cuda_devices()[0].name;
    EXPECT_EQ(problem->find('\n'), std::string::npos) << *problem;
    EXPECT_TRUE(problem->starts_with("no CUDA d") || problem->starts_with("the CUDA driver")) << *problem;
    const std::string text = *problem + "; kernels for the target host run without one";
    EXPECT_EQ(error_of([] { cuda_context(); }), text);
    EXPECT_EQ(error_of([] { current_cuda_device(); }), text);
    EXPECT_EQ(error_of([] { device_buffer(f32, {2, 3}); }), text);
    EXPECT_EQ(error_of([] { to_device(Buffer(f32, {2, 3})); }), text);
    EXPECT_EQ(error_of([] { CudaModule({}, "none"); }), text);
    EXPECT_EQ(error_of([] { CudaTimer(); }), text);
    EXPECT_EQ(error_of([] { synchronize(); }), text);
}

TEST(cuda_problem, a_launch_shape_reads_as_in_source) {
    EXPECT_EQ(describe(LaunchShape{{49, 2, 1}, {256, 1, 1}, 66048}), "<<<(49,2,1), (256,1,1), 66048 B>>>");
    EXPECT_EQ(describe(LaunchShape{{48, 2, 1}, {256, 1, 1}, 0, false, {2, 1, 1}}),
              "<<<(48,2,1), (256,1,1), 0 B, clusters of (2,1,1)>>>");
}

}  // namespace
}  // namespace heddle::test
