// tests/runtime/cuda_fault_gpu_test.cpp -- a kernel that faults: the error names it, and says that the context is lost.
#include <iostream>

#include "runtime/cuda_module.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "tests/runtime/cuda_sources.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

/// In a process of its own, which the fault spoils: prints the errors of the synchronisation and of a later call.
void fault() {
    const CudaProgram program = compile_cuda("extern \"C\" __global__ void stray(int* y) { y[threadIdx.x] = 1; }\n",
                                             "stray.cu", current_cuda_device().compute_capability);
    const CudaFunction stray = CudaModule(program.cubin, "stray.cu").function("stray");
    void* nowhere = reinterpret_cast<void*>(16);
    void* parameters[] = {&nowhere};
    launch(stray, {{2, 1, 1}, {32, 1, 1}}, parameters);  // does not wait, so it does not throw
    std::cerr << "first: " << error_of([] { synchronize(); }) << "\n";
    std::cerr << "second: " << error_of([] { device_buffer(f32, {4}); }) << "\n";
    std::_Exit(0);
}

TEST(gpu_fault_DeathTest, names_the_kernel_and_says_that_the_context_is_lost) {
    HEDDLE_NEEDS_GPU();
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(fault(), testing::ExitedWithCode(0),
                "first: waiting for a CUDA stream: CUDA_ERROR_ILLEGAL_ADDRESS \\(700\\): .*the CUDA context is lost.*"
                "last launched: kernel 'stray' <<<\\(2,1,1\\), \\(32,1,1\\), 0 B>>>\n"
                "second: buffer f32 4: allocating 16 B \\(16 B\\) on CUDA device .*the CUDA context is lost");
}

}  // namespace
}  // namespace heddle::test
