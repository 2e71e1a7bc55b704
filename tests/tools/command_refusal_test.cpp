// tests/tools/command_refusal_test.cpp -- wrong uses: status 2, and a message that says what would be right.
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

using CommandRefusal = CommandFixture;
const std::string small = "x=f32:1x2x6x6 w=f32:3x2x3x3";

TEST_F(CommandRefusal, names_a_near_subcommand) { expect_refusal("chekc", "did you mean 'check'?"); }

TEST_F(CommandRefusal, says_which_operators_there_are) {
    expect_refusal("run conv4d " + small, "there is no operator 'conv4d'; there are conv1d, conv2d, conv3d");
    expect_refusal("run", "name an operator ('heddle list' shows them), or give a definition with -e");
}

TEST_F(CommandRefusal, says_which_parameters_there_are) {
    expect_refusal("run conv2d " + small + " strid=2", "conv2d has no parameter 'strid'; it takes stride, padding");
    expect_refusal("run conv2d " + small + " stride=0", "stride takes integers of at least 1, not '0'");
    expect_refusal("run conv2d " + small + " padding=1 padding_mode=mirror",
                   "'mirror' is not a boundary; there are zero");
    expect_refusal("run conv2d " + small + " stride=1 stride=2", "'stride' is given twice");
}

TEST_F(CommandRefusal, says_which_tensors_and_layouts_there_are) {
    expect_refusal("run conv2d x=f32:1x2x6x6", "conv2d needs w (weights");
    expect_refusal("run conv2d " + small + " v=f32:3", "conv2d has no tensor 'v'; it takes x, w, bias");
    expect_refusal("run conv2d x=f32:nhcw:1x2x6x6 w=f32:3x2x3x3", "no layout 'nhcw' of x; it knows nchw, nhwc");
    expect_refusal("run conv2d x=f32:2x6x6 w=f32:3x2x3x3", "x has 4 dimensions, as nchw; 3 were given");
    expect_refusal("run conv2d x=f32:1x5x6x6 w=f32:3x2x3x3", "x has 5 channels");
}

TEST_F(CommandRefusal, says_how_a_tensor_is_written) {
    expect_refusal("run conv2d x=f23:1x2x6x6 w=f32:3x2x3x3", "'f23' is neither a type");
    expect_refusal("run conv2d x=1x2x6x6 w=f32:3x2x3x3", "the type is missing");
    expect_refusal("run conv2d x=f32:1x2xsix w=f32:3x2x3x3", "'1x2xsix' is not a list of sizes");
    expect_refusal("run conv2d x=f32: w=f32:3x2x3x3", "the sizes are missing");
}

TEST_F(CommandRefusal, points_at_the_place_in_a_definition) {
    expect_refusal("run -e 'y[n] += x[n,c' x=f32:3x4", "  y[n] += x[n,c\n               ^");
    expect_refusal("run -e 'y[n] += x[n,c]' x=f32:3x4 z=f32:3", "'z' is not an input of the definition");
    expect_refusal("run -e 'x: f32[3,4]; y[n] += x[n,c]' x=f32:3x5", "declared with extent 4 in dimension 1");
}

TEST_F(CommandRefusal, says_why_a_schedule_is_illegal) {
    expect_refusal("run -e 'y[n] += x[n,c]' x=f32:3x4 --schedule 'y: split(m, 3)'", "there is no loop 'm'");
}

TEST_F(CommandRefusal, says_which_options_targets_and_stages_there_are) {
    expect_refusal("run conv2d " + small + " --sede 3", "did you mean '--seed'?");
    expect_refusal("run conv2d " + small + " --seed", "--seed needs a value: --seed N");
    expect_refusal("run conv2d " + small + " --seed many", "--seed takes an integer of at least 0, not 'many'");
    expect_refusal("tune conv2d " + small + " --time soon", "--time takes a time, as 20s");
    expect_refusal("run conv2d " + small + " --target host:neon", "'neon' is not a set of vector features");
    expect_refusal("show conv2d " + small + " --stage llvmm", "did you mean 'llvm'?");
}

}  // namespace
}  // namespace heddle::test
