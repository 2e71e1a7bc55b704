// tests/tools/command_space_test.cpp -- heddle show --stage space: knobs with their choices, the preferred in brackets.
#include <gtest/gtest.h>

#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

using CommandSpace = CommandFixture;

TEST_F(CommandSpace, names_knobs_and_sizes_on_the_host) {
    const CommandResult result =
        heddle("show max_pool2d x=f32:2x8x28x28 kernel_size=2 --stage space --target host:avx2");
    EXPECT_EQ(result.status, 0) << result.errors;
    for (const char* part :
         {"stencil on host:avx2", "outputs near", "% of them legal", "[on]", "preferred, in brackets"})
        expect_contains(result.output, part);
}

TEST_F(CommandSpace, names_tiles_of_products_on_devices) {
    const CommandResult result = heddle(
        "show conv2d x=bf16:nhwc:8x28x28x128 w=bf16:krsc:128x3x3x128 padding=1 --stage space --target cuda:sm_90");
    EXPECT_EQ(result.status, 0) << result.errors;
    for (const char* part : {"contraction on cuda:sm_90", "products by", "warpgroups", "stream_k", "of them legal"})
        expect_contains(result.output, part);
}

TEST_F(CommandSpace, says_where_there_is_nothing_to_choose) {
    const CommandResult result =
        heddle("show -e \"y: f32[4]; y[i[n]] += x[n]\" x=f32:64 i=i32:64 --stage space --target cuda:sm_90");
    if (result.status == 0) expect_contains(result.output, "nothing to choose");
    EXPECT_NE(result.status, 3) << result.errors;
}

}  // namespace
}  // namespace heddle::test
