// tests/runtime/cubin_resources_test.cpp -- what a kernel takes, from the machine code alone and from the report.
#include <algorithm>

#include "runtime/error.h"
#include "tests/runtime/cuda_sources.h"

namespace heddle::test {
namespace {

class cubin_resources : public testing::TestWithParam<int> {};

TEST_P(cubin_resources, the_machine_code_says_what_the_assembler_said) {
    HEDDLE_NEEDS_NVRTC();
    const std::string source = std::string(saxpy_source) + reverse_source + dynamic_source;
    const CudaProgram program = compile_cuda(source, "three.cu", GetParam());
    std::vector<KernelResources> kernels = read_resources(program.cubin);
    ASSERT_EQ(kernels.size(), 3U);
    for (const KernelResources& kernel : kernels) {
        SCOPED_TRACE(kernel.name);
        const auto reported = std::find_if(program.kernels.begin(), program.kernels.end(),
                                           [&](const KernelResources& other) { return other.name == kernel.name; });
        ASSERT_NE(reported, program.kernels.end());
        EXPECT_EQ(kernel.registers, reported->registers);
        EXPECT_EQ(kernel.shared_bytes, reported->shared_bytes);
        EXPECT_EQ(kernel.shared_bytes, kernel.name == "reverse" ? 512 : 0);
        EXPECT_EQ(kernel.spill_bytes, -1);
        EXPECT_EQ(reported->spill_bytes, 0);
    }
}

TEST_P(cubin_resources, spills_and_local_memory) {
    HEDDLE_NEEDS_NVRTC();
    // 40 values alive at once in 16 registers.
    const std::string source = R"(extern "C" __global__ void wide(float* x) {
    float v[40];
    #pragma unroll
    for (int i = 0; i < 40; ++i) v[i] = x[i * 64 + threadIdx.x];
    __syncthreads();
    #pragma unroll
    for (int i = 0; i < 40; ++i) x[i * 64 + threadIdx.x] = v[i] * v[39 - i];
}
)";
    const CudaProgram program = compile_cuda(source, "wide.cu", GetParam(), {false, {"--maxrregcount=16"}});
    ASSERT_EQ(program.kernels.size(), 1U);
    EXPECT_GT(program.kernels[0].spill_bytes, 0) << program.log;
    EXPECT_GT(program.kernels[0].local_bytes, 0) << program.log;
}

INSTANTIATE_TEST_SUITE_P(architectures, cubin_resources, testing::Values(80, 90));

TEST(assembler_report, is_told_from_remarks_on_performance) {
    const std::string log =
        "ptxas info    : 0 bytes gmem\n"
        "ptxas info    : (C7512) Potential Performance Loss: wgmma.mma_async instructions are serialized\n"
        "ptxas info    : Compiling entry function 'conv' for 'sm_90a'\n"
        "ptxas         .     16 bytes stack frame, 20 bytes spill stores, 24 bytes spill loads\n"
        "ptxas info    : Used 168 registers, used 3 barriers, 96 bytes smem\n";
    EXPECT_EQ(without_assembler_report(log),
              "ptxas info    : (C7512) Potential Performance Loss: wgmma.mma_async instructions are serialized\n");
    std::vector<KernelResources> kernels(1);
    kernels[0].name = "conv";
    add_assembler_report(kernels, log);
    EXPECT_EQ(kernels[0].spill_bytes, 44);
    EXPECT_EQ(kernels[0].shared_bytes, 96);
}

TEST(cubin_damage, no_cubin_and_half_a_cubin_are_refused) {
    const std::vector<std::byte> zeros(200);
    EXPECT_THROW(read_resources(zeros), InternalError);
    EXPECT_THROW(read_resources({}), InternalError);
    HEDDLE_NEEDS_NVRTC();
    const CudaProgram program = compile_cuda(saxpy_source, "saxpy.cu", 80);
    for (std::size_t bytes = 0; bytes < program.cubin.size() / 2; bytes += 97)
        EXPECT_THROW(read_resources(std::span(program.cubin).first(bytes)), InternalError);
}

}  // namespace
}  // namespace heddle::test
