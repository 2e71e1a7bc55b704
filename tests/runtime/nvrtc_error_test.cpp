// tests/runtime/nvrtc_error_test.cpp -- source that does not compile, and architectures that NVRTC does not know.
#include "runtime/error.h"
#include "tests/runtime/cuda_sources.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

std::string internal_error_of(const std::string& source) {
    try {
        compile_cuda(source, "bad.cu", 90);
    } catch (const InternalError& error) {
        return error.what();
    }
    return "no error";
}

TEST(nvrtc_error, the_log_and_the_lines_around_the_first_error) {
    HEDDLE_NEEDS_NVRTC();
    const std::string text = internal_error_of(
        "// a\n// b\n// c\n// d\n// e\n"
        "extern \"C\" __global__ void set(int* y) {\n    y[0] = missing;\n}\n");
    EXPECT_NE(text.find("CUDA source 'bad.cu' for sm_90 (NVRTC "), std::string::npos) << text;
    EXPECT_NE(text.find("bad.cu(7): error: identifier \"missing\" is undefined"), std::string::npos) << text;
    EXPECT_NE(text.find("     6 | extern \"C\" __global__ void set(int* y) {\n"
                        ">    7 |     y[0] = missing;\n"
                        "     8 | }\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("| // b"), std::string::npos) << text;
}

TEST(nvrtc_error, what_the_assembler_refuses) {
    HEDDLE_NEEDS_NVRTC();
    const std::string text =
        internal_error_of("extern \"C\" __global__ void set() { asm volatile(\"wgmma.fence.sync.aligned;\"); }\n");
    EXPECT_NE(text.find("ptxas"), std::string::npos) << text;
    EXPECT_NE(text.find("sm_90"), std::string::npos) << text;
}

TEST(nvrtc_error, an_unknown_architecture) {
    HEDDLE_NEEDS_NVRTC();
    expect_refusal([] { compile_cuda(saxpy_source, "saxpy.cu", 33); }, " does not compile for sm_33; it does for sm_");
}

}  // namespace
}  // namespace heddle::test
