// tests/tools/command_gradient_test.cpp -- gradients, gathers and matrices on the command line.
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

using CommandGradient = CommandFixture;
const std::string strided = "conv2d x=f32:1x2x8x8 w=f32:3x2x3x3 stride=2 padding=1";

TEST_F(CommandGradient, IsRunAndChecked) {
    EXPECT_EQ(heddle("check " + strided + " --grad x,w").status, 0);
    EXPECT_EQ(heddle("run " + strided + " --grad all").status, 0);
    EXPECT_EQ(heddle("check -e \"y[n] += x[n,c] * w[c]\" x=f32:5x8 w=f32:8 --grad w dy=f32:5").status, 0);
}

TEST_F(CommandGradient, IsGivenSavedResults) {
    const std::string softmax = "softmax x=f32:8x10 --grad x --saved ";
    expect_contains(heddle("show " + softmax + "all --stage gradient").output, "y: f32[8,10]\ndy_sum: f32[8]");
    EXPECT_EQ(heddle("check " + softmax + "all").status, 0);
    EXPECT_EQ(heddle("check " + softmax + "y_max,y_sum").status, 0);
    EXPECT_EQ(heddle("check max_pool2d x=f32:2x3x9x9 --grad x --saved all").status, 0);
    expect_contains(heddle("run max_pool2d x=f32:2x3x9x9 --grad x --saved all").output, "y_at saved");
    expect_refusal("run " + softmax + "z",
                   "the gradient of y computes no 'z' of the forward again; it computes y_max, y_sum, y");
    expect_refusal("run softmax x=f32:8x10 --saved y", "give --grad, too");
}

TEST_F(CommandGradient, IsTimed) {
    const CommandResult bench = heddle("bench " + strided + " --grad x,w --time 50ms");
    EXPECT_EQ(bench.status, 0);
    expect_contains(bench.output, "default");
    EXPECT_EQ(heddle("bench -e \"y[n] += x[n,c] * w[c]\" x=f32:5x8 w=f32:8 --grad all dy=f32:5 --time 50ms").status, 0);
    EXPECT_EQ(heddle("tune " + strided + " --grad w --trials 2").status, 0);
    expect_refusal("bench " + strided + " --grad z", "--grad: 'z' is not an input; the inputs are x, w");
    expect_refusal("bench " + strided + " --grad x dy=f32:5", "dy is declared with 4 dimensions");
}

TEST_F(CommandGradient, FormsOfAScatterAreTimedBesideEachOther) {
    const CommandResult bench =
        heddle("bench conv_transpose2d x=f32:1x2x5x5 w=f32:2x3x4x4 stride=2 padding=1 --time 50ms");
    EXPECT_EQ(bench.status, 0);
    for (const char* row : {"gather, default", "scatter, atomic", "scatter, sorted", "scatter, serial"})
        expect_contains(bench.output, row);
}

TEST_F(CommandGradient, IsShownWithItsClasses) {
    const CommandResult gather = heddle("show " + strided + " --grad x --stage gather");
    expect_contains(gather.output, "gather as written, no atomics");
    const CommandResult scatter =
        heddle("show -e \"u: f32[6,6]; u[2*p+r-1,2*q+s-1] += x[p,q] * w[r,s]\" x=f32:3x3 w=f32:3x3 --stage gather");
    expect_contains(scatter.output, "gather, 4 classes, 9/4 taps a point, no atomics");
    expect_contains(heddle("show -e \"y[n] += x[n,c] * w[c]\" x=f32:5x8 w=f32:8 --stage gradient").output,
                    "dw[c] += dy[n] * x[n,c]");
}

TEST_F(CommandGradient, OfALinearDefinitionIsAMatrix) {
    const CommandResult matrix =
        heddle("show -e \"y: f32[4]; y[p] += zero(x)[p+r-1] * w[r]\" x=f32:4 w=f32:3 --stage matrix");
    EXPECT_EQ(matrix.output,
              "y = M x, 4 rows, 4 columns, 10 entries\n"
              "  y[0]  w[1] w[2]    .    .\n"
              "  y[1]  w[0] w[1] w[2]    .\n"
              "  y[2]     . w[0] w[1] w[2]\n"
              "  y[3]     .    . w[0] w[1]\n");
}

TEST_F(CommandGradient, RefusesWhatIsNoInput) {
    expect_refusal("run " + strided + " --grad z", "--grad: 'z' is not an input; the inputs are x, w");
    expect_refusal("show -e \"y[p] = x[p]\" x=f32:100 --stage matrix", "has 100 rows and 100 columns");
}

}  // namespace
}  // namespace heddle::test
