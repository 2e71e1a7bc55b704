// tests/runtime/nvrtc_compile_test.cpp -- NVRTC makes machine code and PTX for several architectures, without a device.
#include <cstring>

#include "runtime/error.h"
#include "tests/runtime/cuda_sources.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

class nvrtc_compile : public testing::TestWithParam<std::pair<int, bool>> {};

TEST_P(nvrtc_compile, saxpy_with_its_resources) {
    HEDDLE_NEEDS_NVRTC();
    const auto [capability, specific] = GetParam();
    const CudaProgram program = compile_cuda(saxpy_source, "saxpy.cu", capability, {specific, {}});
    EXPECT_EQ(program.warnings, "");
    ASSERT_EQ(program.kernels.size(), 1U);
    const KernelResources& saxpy = program.kernels[0];
    EXPECT_EQ(saxpy.name, "saxpy");
    EXPECT_GE(saxpy.registers, 8);
    EXPECT_LE(saxpy.registers, 32);
    EXPECT_EQ(saxpy.shared_bytes, 0);
    EXPECT_EQ(saxpy.local_bytes, 0);
    EXPECT_EQ(saxpy.spill_bytes, 0);
    EXPECT_EQ(saxpy.parameter_bytes, (std::vector<int>{4, 8, 8, 4}));
    EXPECT_NE(program.log.find(architecture_name(capability, specific)), std::string::npos);
}

TEST_P(nvrtc_compile, ptx_names_the_architecture) {
    HEDDLE_NEEDS_NVRTC();
    const auto [capability, specific] = GetParam();
    const std::string ptx = compile_ptx(saxpy_source, "saxpy.cu", capability, {specific, {}});
    EXPECT_NE(ptx.find(".target " + architecture_name(capability, specific)), std::string::npos) << ptx;
    EXPECT_NE(ptx.find(".entry saxpy"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(architectures, nvrtc_compile,
                         testing::Values(std::pair{80, false}, std::pair{90, false}, std::pair{90, true}),
                         [](const auto& info) { return architecture_name(info.param.first, info.param.second); });

TEST(nvrtc_flags, more_flags_reach_the_compiler) {
    HEDDLE_NEEDS_NVRTC();
    const std::string source = "extern \"C\" __global__ void set(int* y) { y[0] = VALUE; }\n";
    EXPECT_EQ(compile_cuda(source, "set.cu", 80, {false, {"-DVALUE=3"}}).kernels.size(), 1U);
}

TEST(nvrtc_flags, a_warning_stays_and_the_report_goes) {
    HEDDLE_NEEDS_NVRTC();
    const std::string source = "extern \"C\" __global__ void set(int* y) { int unused; y[0] = 3; }\n";
    const CudaProgram program = compile_cuda(source, "set.cu", 80);
    EXPECT_NE(program.warnings.find("set.cu(1): warning"), std::string::npos) << program.warnings;
    EXPECT_EQ(program.warnings.find("ptxas info"), std::string::npos) << program.warnings;
}

TEST(nvrtc_flags, headers_of_the_toolkit) {
    HEDDLE_NEEDS_NVRTC();
    const std::string source =
        "#include <cuda_fp16.h>\nextern \"C\" __global__ void widen(const __half* x, float* y) { y[0] = "
        "__half2float(x[0]); }\n";
    try {
        EXPECT_EQ(compile_cuda(source, "widen.cu", 80).kernels.size(), 1U);
    } catch (const UserError& error) {  // a machine with NVRTC alone
        EXPECT_NE(error.message().find("'widen.cu' includes <cuda_fp16.h>, a header of the CUDA toolkit, which is"),
                  std::string::npos)
            << error.message();
    }
}

TEST(nvrtc_flags, a_header_that_is_nowhere) {
    HEDDLE_NEEDS_NVRTC();
    expect_refusal([] { compile_cuda("#include <no_such.h>\n", "a.cu", 80); },
                   "'a.cu' includes <no_such.h>, a header of the CUDA toolkit, which is not here (looked in ");
}

}  // namespace
}  // namespace heddle::test
