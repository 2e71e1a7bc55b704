// tests/tools/hot_loop_test.cpp -- the loop with most multiply-adds is found in assembly.
#include "tools/hot_loop.h"

#include <gtest/gtest.h>

namespace heddle::test {
namespace {

TEST(HotLoop, is_the_one_with_most_multiply_adds) {
    const tools::HotLoop loop = tools::hot_loop(
        "f:\n\t.cfi_startproc\n.LBB0_1:\n\tmovq\t(%rax), %rbx\n\tmovq\t%rbx, (%rcx)\n\tjne\t.LBB0_1\n"
        ".LBB0_2:\t# inner\n\tvmovups\t(%rdi), %zmm0\n\tvfmadd231ps\t(%rsi), %zmm0, %zmm1\n"
        "\tvmovups\t%zmm1, (%rdx) {%k1}\n\taddq\t$64, %rdi\n\tjne\t.LBB0_2\n\tretq\n");
    EXPECT_EQ(loop.text.substr(0, 8), ".LBB0_2:");
    EXPECT_EQ(loop.instructions, 5);
    EXPECT_EQ(loop.multiply_adds, 1);
    EXPECT_EQ(loop.loads, 2);
    EXPECT_EQ(loop.stores, 1);
}

TEST(HotLoop, is_empty_without_a_loop) { EXPECT_EQ(tools::hot_loop("f:\n\tjmp\t.L2\n.L2:\n\tretq\n").instructions, 0); }

}  // namespace
}  // namespace heddle::test
