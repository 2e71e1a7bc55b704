// tests/ops/operator_refusal_test.cpp -- options that PyTorch refuses are refused with names and numbers; beside each
// stands the nearest one that is accepted.
#include <gtest/gtest.h>

#include "tests/ops/operator_uses.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

struct RefusedUse {
    const char* accepted;
    const char* refused;
    const char* message;
};
void PrintTo(const RefusedUse& use, std::ostream* out) { *out << use.refused; }

const RefusedUse refused_uses[] = {
    {"max_pool2d x=f32:1x2x9x9 kernel_size=3 padding=1", "max_pool2d x=f32:1x2x9x9 kernel_size=3 padding=2",
     "max_pool2d: padding 2 along the rows is more than half of what the window spans (3); give 1 at most"},
    {"avg_pool1d x=f32:1x2x9 kernel_size=4 padding=2", "avg_pool1d x=f32:1x2x9 kernel_size=4 padding=3",
     "avg_pool1d: padding 3 along the columns is more than half of what the window spans (4); give 2 at most"},
    {"max_pool3d x=f32:1x2x4x4x4 kernel_size=2,2,4", "max_pool3d x=f32:1x2x4x4x4 kernel_size=2,2,5",
     "max_pool3d: the filter spans 5 columns, and x with its padding has 4"},
    {"max_pool2d x=f32:1x2x4x4 kernel_size=2,2", "max_pool2d x=f32:1x2x4x4 kernel_size=2,2,2",
     "max_pool2d: kernel_size has 3 numbers; it takes one, or one for each of 2 spatial dimensions"},
    {"avg_pool2d x=f32:1x2x4x4", "avg_pool2d x=i32:1x2x4x4", "avg_pool2d: x is i32; it takes floats"},
    {"avg_pool2d x=f32:1x2x4x4 divisor_override=-1", "avg_pool2d x=f32:1x2x4x4 divisor_override=0",
     "avg_pool2d: divisor_override is 0; it is what the sum is divided by"},
    {"lp_pool2d x=f32:1x2x4x4 norm_type=-1", "lp_pool2d x=f32:1x2x4x4 norm_type=0", "lp_pool2d: norm_type is 0"},
    {"pad x=f32:2x5 pad=4,0 mode=reflect", "pad x=f32:2x5 pad=5,0 mode=reflect",
     "pad: 5,0 in dimension 1 of x, whose extent is 5: reflect fills 4 points at most"},
    {"pad x=f32:2x5 pad=0,5 mode=circular", "pad x=f32:2x5 pad=0,6 mode=circular",
     "pad: 0,6 in dimension 1 of x, whose extent is 5: circular fills 5 points at most"},
    {"pad x=f32:2x5 pad=-2,-3", "pad x=f32:2x5 pad=-3,-3",
     "pad: -3,-3 cut more than there is from dimension 1 of x (5)"},
    {"pad x=f32:2x5 pad=0,-1", "pad x=f32:2x5 pad=0,-1 mode=replicate", "only the modes constant and zero cut points"},
    {"pad x=f32:2x5 pad=1,1,1,1", "pad x=f32:2x5 pad=1,1,1",
     "pad: 3 numbers; it takes two for each padded dimension, last dimension first, and x has 2 dimensions"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 padding=4 padding_mode=reflect",
     "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 padding=5 padding_mode=reflect",
     "conv2d: padding 5 is wider than x's 5 rows can fill by reflect: it takes 4 at most"},
    {"conv1d x=f32:1x2x5 w=f32:4x2x3 padding=5 padding_mode=circular",
     "conv1d x=f32:1x2x5 w=f32:4x2x3 padding=6 padding_mode=circular",
     "conv1d: padding 6 is wider than x's 5 columns can fill by circular: it takes 5 at most"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 padding=same", "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 padding=same stride=2",
     "conv2d: padding=same keeps the size for a stride of 1 and a filter of known size; the stride along the rows is "
     "2"},
    {"conv3d x=f32:1x4x5x5x5 w=f32:4x2x3x3x3 groups=2", "conv3d x=f32:1x4x5x5x5 w=f32:4x2x3x3x3 groups=3",
     "conv3d: groups=3 does not divide x's channels (4)"},
    {"conv1d x=f32:1x2x5 w=f32:4x2x5", "conv1d x=f32:1x2x5 w=f32:4x2x6",
     "conv1d: the filter spans 6 columns, and x with its padding has 5"},
    {"depthwise_conv2d x=f32:1x4x5x5 w=f32:8x1x3x3", "depthwise_conv2d x=f32:1x4x5x5 w=f32:6x1x3x3",
     "conv2d: groups=4 does not divide w's filters (6)"},
    {"separable_conv2d x=f32:1x4x5x5 w=f32:4x1x3x3 v=f32:2x4x1x1",
     "separable_conv2d x=f32:1x4x5x5 w=f32:4x1x3x3 v=f32:2x4x1x2",
     "separable_conv: v has 2 taps in a dimension; a pointwise filter has one"},
    {"conv_transpose2d x=f32:1x4x5x5 w=f32:4x2x3x3 stride=2 output_padding=1",
     "conv_transpose2d x=f32:1x4x5x5 w=f32:4x2x3x3 stride=2 output_padding=2",
     "conv_transpose2d: output_padding 2 along the rows: it is 0 or more, and smaller than the stride (2) or the "
     "dilation (1)"},
    {"conv_transpose2d x=f32:1x4x1x1 w=f32:4x2x3x3 padding=1", "conv_transpose2d x=f32:1x4x1x1 w=f32:4x2x3x3 padding=2",
     "conv_transpose2d: the result would have -1 rows: (1 - 1)*1 - 2*2 + 3 + 0; give less padding"},
    {"conv_transpose2d x=f32:1x4x5x5 w=f32:4x2x3x3 groups=2", "conv_transpose2d x=f32:1x4x5x5 w=f32:4x2x3x3 groups=3",
     "conv_transpose2d: groups=3 does not divide x's channels (4)"},
    {"conv_transpose1d x=f32:1x4x5 w=f32:4x2x3 stride=2 dilation=3 output_padding=2",
     "conv_transpose1d x=f32:1x4x5 w=f32:4x2x3 stride=2 dilation=3 output_padding=3",
     "conv_transpose1d: output_padding 3 along the columns: it is 0 or more, and smaller than the stride (2) or the "
     "dilation (3)"},
    {"conv2d x=f32:1x4x5x5 w=f32:6x2x3x3 groups=2", "conv2d x=f32:1x4x5x5 w=f32:6x1x3x3 groups=2",
     "conv2d: x has 4 channels in 2 groups, so that a filter of w needs 2; it has 1"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 bias=f32:4", "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 bias=f32:5",
     "conv2d: bias has 5 elements, w has 4 filters"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 stride=1", "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 stride=0",
     "conv2d: stride takes integers of at least 1, not '0'"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 dilation=1", "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 dilation=0",
     "conv2d: dilation takes integers of at least 1, not '0'"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 padding=0", "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 padding=-1",
     "conv2d: padding takes integers of at least 0, not '-1'"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 groups=1", "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 groups=0",
     "conv2d: groups takes integers of at least 1, not '0'"},
    {"max_pool2d x=f32:1x2x5x5 kernel_size=1", "max_pool2d x=f32:1x2x5x5 kernel_size=0",
     "max_pool2d: kernel_size takes integers of at least 1, not '0'"},
    {"max_unpool1d x=f32:1x2x3 indices=i64:1x2x3", "max_unpool1d x=f32:1x2x1 indices=i64:1x2x1 padding=1",
     "max_unpool1d: the result would have 0 columns; give less padding"},
    {"conv_transpose1d x=f32:1x4x5 w=f32:4x2x3 groups=2", "conv_transpose1d x=f32:1x4x5 w=f32:6x2x3",
     "conv_transpose1d: x has 4 channels, so that w needs as many filters; it has 6"},
    {"max_unpool2d x=f32:1x2x3x3 indices=i64:1x2x3x3 output_size=7",
     "max_unpool2d x=f32:1x2x3x3 indices=i64:1x2x3x3 output_size=8",
     "max_unpool2d: output_size 8 along the rows: it lies between 5 and 7"},
    {"max_unpool1d x=f32:1x2x3 indices=i32:1x2x3", "max_unpool1d x=f32:1x2x3 indices=i32:1x2x4",
     "max_unpool1d: indices has another shape than x"},
    {"max_unpool1d x=f32:1x2x3 indices=i64:1x2x3", "max_unpool1d x=f32:1x2x3 indices=f32:1x2x3",
     "max_unpool1d: indices is f32; it holds i32 or i64"},
    {"col2im x=f32:2x18x20 kernel_size=3,2 output_size=6,6", "col2im x=f32:2x18x21 kernel_size=3,2 output_size=6,6",
     "col2im: x has 21 windows; an output of this size has 20"},
    {"im2col x=f32:2x3x6x6 kernel_size=6", "im2col x=f32:2x3x6x6 kernel_size=7",
     "im2col: the filter spans 7 rows, and x with its padding has 6"},
    {"softmax x=f32:2x3 dim=-2", "softmax x=f32:2x3 dim=2",
     "softmax: dim is 2; x has 2 dimensions, so it lies between -2 and 1"},
    {"log_softmax x=f16:2x3", "log_softmax x=i32:2x3", "log_softmax: x is i32; it takes floats"},
    {"cross_entropy x=f32:2x3 target=i64:2", "cross_entropy x=f32:2x3 target=i64:4",
     "cross_entropy: target has 4 where x has 2 in dimension 0"},
    {"cross_entropy x=f32:2x3 target=f32:2x3", "cross_entropy x=f32:2x3 target=u8:2",
     "cross_entropy: target is u8; it holds class indices (i32, i64) or probabilities (floats)"},
    {"cross_entropy x=f32:2x3 target=i64:2 label_smoothing=1",
     "cross_entropy x=f32:2x3 target=i64:2 label_smoothing=1.5",
     "cross_entropy: label_smoothing is 1.5; it lies between 0 and 1"},
    {"cross_entropy x=f32:2x3 target=i64:2 ignore_index=1", "cross_entropy x=f32:2x3 target=f32:2x3 ignore_index=1",
     "cross_entropy: ignore_index=1 needs class indices; target holds probabilities"},
    {"cross_entropy x=f32:2x3 target=i64:2 reduction=sum", "cross_entropy x=f32:2x3 target=i64:2 reduction=avg",
     "cross_entropy: reduction is one of none, mean, sum, not 'avg'"},
    {"linear x=f32:2x3 w=f32:4x3", "linear x=f32:2x3 w=f32:4x5",
     "linear: the last dimension of x is 3, the last of w is 5; they are the same"},
    {"linear x=f32:2x3 w=f32:4x3 bias=f32:4", "linear x=f32:2x3 w=f32:4x3 bias=f32:3",
     "linear: bias has 3 elements, w has 4 filters"},
    {"relu x=i32:4", "gelu x=i32:4", "gelu: x is i32; it takes floats"},
    {"add x=f32:4x1 other=f32:3", "add x=f32:4x2 other=f32:3",
     "add: x has 2 and other has 3 in dimension -1, counted from the end; they are the same, or one of them is 1"},
    {"max_pool2d x=f32:1x2x4x4 ceil_mode=true", "max_pool2d x=f32:1x2x4x4 ceil_mode=yes",
     "max_pool2d: ceil_mode is one of false, true, 0, 1, not 'yes'"},
    {"conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 stride=1,2", "conv2d x=f32:1x2x5x5 w=f32:4x2x3x3 stride=1,2,1",
     "conv2d: stride has 3 numbers; it takes one, or one for each of 2 spatial dimensions"},
};

struct OperatorRefusal : testing::TestWithParam<RefusedUse> {};

TEST_P(OperatorRefusal, SaysWhatWouldBeLegal) {
    EXPECT_EQ(error_of([] { pipeline_of(GetParam().accepted); }), "no error");
    expect_refusal([] { pipeline_of(GetParam().refused); }, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Uses, OperatorRefusal, testing::ValuesIn(refused_uses),
                         [](const auto& info) { return test_name(info.param.refused, info.index); });

}  // namespace
}  // namespace heddle::test
