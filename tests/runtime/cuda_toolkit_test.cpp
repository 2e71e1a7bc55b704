// tests/runtime/cuda_toolkit_test.cpp -- programs of a toolkit: found on the PATH, run without a shell.
#include "runtime/cuda_toolkit.h"

#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

TEST(cuda_toolkit, a_program_that_is_there) {
    EXPECT_TRUE(find_cuda_program({"no_such_program", "sh"})->ends_with("/sh"));
    EXPECT_EQ(find_cuda_program({"no_such_program"}), std::nullopt);
}

TEST(cuda_toolkit, keeps_what_a_program_prints) {
    const ProgramResult result = run_program("/bin/sh", {"-c", "echo \"$0 $1\"; echo bad >&2; exit 3", "a b", "'c'"});
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(result.output, "a b 'c'\n");
    EXPECT_EQ(result.errors, "bad\n");
    EXPECT_EQ(run_program("/nonexistent", {}).status, -1);
}

TEST(cuda_toolkit, says_what_sass_needs) {
    if (find_cuda_program({"nvdisasm", "cuobjdump"})) GTEST_SKIP() << "a disassembler is here";
    expect_refusal([] { disassemble_cubin({}); }, "SASS needs nvdisasm or cuobjdump, programs of the CUDA toolkit");
}

}  // namespace
}  // namespace heddle::test
