// tests/tools/command_matrices_test.cpp -- a convolution as named matrices on the command line.
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

using CommandMatrices = CommandFixture;

TEST_F(CommandMatrices, OfAConvolutionAreFiltersTimesColumns) {
    EXPECT_EQ(
        heddle("show -e \"y: f32[2,3]; y[k,p] += zero(x)[p+r-1] * w[k,r]\" x=f32:3 w=f32:2x2 --stage im2col").output,
        "x_columns[r,p] = zero(x)[p+r-1]\n"
        "y[k,p] += x_columns[r,p] * w[k,r]\n"
        "\n"
        "y = w * x_columns\n"
        "\n"
        "w, 2 x 2\n"
        "   w[0,0] w[0,1]\n"
        "   w[1,0] w[1,1]\n"
        "\n"
        "x_columns, 2 x 3\n"
        "      0 x[0] x[1]\n"
        "   x[0] x[1] x[2]\n"
        "\n"
        "y, 2 x 3\n"
        "   y[0,0] y[0,1] y[0,2]\n"
        "   y[1,0] y[1,1] y[1,2]\n");
}

TEST_F(CommandMatrices, OfATransposedConvolutionAreAddedToItsOutput) {
    const std::string text =
        heddle("show -e \"u: f32[5]; u[2*p+r] += x[p] * w[r]\" x=f32:2 w=f32:3 --stage im2col").output;
    expect_contains(text, "u_columns, 2 x 3, added to\n   u[0] u[1] u[2]\n   u[2] u[3] u[4]\n");
}

TEST_F(CommandMatrices, WithABiasHaveOnes) {
    const std::string text = heddle("show conv2d x=f32:1x1x3x3 w=f32:2x1x2x2 bias=f32:2 --stage im2col").output;
    expect_contains(text, "y = bias * y_ones\n\nbias, 2 x 1\n   bias[0]\n   bias[1]\n\ny_ones, 1 x 4\n   1 1 1 1\n");
    expect_contains(text, "y += w * x_columns\n");
}

TEST_F(CommandMatrices, AreRefusedWhereTheyAreLargeOrThereAreNone) {
    expect_refusal(
        "show conv2d x=f32:1x64x56x56 w=f32:64x64x3x3 --stage im2col",
        "the matrices of y are [2916,576] * [576,64]; up to 64 rows and columns are shown: give smaller sizes");
    expect_refusal("show -e \"y[p] max= x[p+r] | r<3 p<3\" x=f32:5 --stage im2col",
                   "y has no sum of products of two tensors");
}

}  // namespace
}  // namespace heddle::test
