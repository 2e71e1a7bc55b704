// tests/tools/loop_links_test.cpp -- lines of CUDA and of assembly find the loop of the nest that they belong to.
#include "tools/loop_links.h"

#include <gtest/gtest.h>

namespace heddle::tools {
namespace {

constexpr const char* nest = R"(y.0: y[n,k] += x[n,c] * w[k,c]
  with n = 8*n.o+n.i
  for (k.o, n.o) in work grid(16, 8)
    acc[8] : f32, registers
      for c in 512 unrolled by 4
        Mma acc += x * w over n.i in 8
    Map y <- acc
)";

std::string loops_of(const LinkedCode& linked) {
    std::string text;
    for (const LinkedLine& line : linked.code) text += (line.loop.empty() ? "-" : line.loop) + " ";
    return text;
}

TEST(loop_links, lines_of_the_nest_know_their_loops) {
    const LinkedCode linked = link_loops(nest, "", CodeLanguage::cuda);
    ASSERT_EQ(linked.nest.size(), 7u);
    EXPECT_EQ(linked.nest[2].loops, (std::vector<std::string>{"k.o", "n.o"}));
    EXPECT_EQ(linked.nest[4].loops, std::vector<std::string>{"c"});
    EXPECT_EQ(linked.nest[4].around, (std::vector<std::string>{"k.o", "n.o"}));
    EXPECT_EQ(linked.nest[5].around.back(), "c");
    EXPECT_TRUE(linked.nest[1].loops.empty());
    EXPECT_EQ(linked.nest[6].around.size(), 2u);
}

TEST(loop_links, cuda_is_linked_by_variables_and_braces) {
    const LinkedCode linked = link_loops(nest, R"(kernel() {
    const int k_o = blockIdx.x;
    float acc[8];
    for (int c_1 = 0; c_1 < 512; ++c_1) {
        if (c_1 < 3) {
            acc[0] += 1;
        }
    }
    for (int other = 0; other < 8; ++other) {
        y[other] = acc[other];
    }
}
int after;)",
                                         CodeLanguage::cuda);
    EXPECT_EQ(loops_of(linked), "- k.o k.o c c c c c k.o k.o k.o k.o - ");
}

TEST(loop_links, assembly_is_linked_by_the_comments_of_labels) {
    const LinkedCode linked = link_loops(nest, R"(task_0:                                 # @task_0
	pushq	%rbp
.LBB1_2:                                # %n.o
	movq	%rsi, %r9
.LBB1_3:                                # %c.body7
	vfmadd231ps	(%r9), %zmm0, %zmm1
# %bb.4:                                # %c.end
	retq
.LBB1_9:                                # %exit
	nop)",
                                         CodeLanguage::assembly);
    EXPECT_EQ(loops_of(linked), "- - n.o n.o c c n.o n.o - - ");
}

}  // namespace
}  // namespace heddle::tools
