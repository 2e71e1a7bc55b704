// tests/ops/operator_uses.cpp -- small uses with odd options.
#include "tests/ops/operator_uses.h"

#include <sstream>

#include "tools/problem.h"

namespace heddle::test {

const std::vector<std::string>& operator_uses() {
    static const std::vector<std::string> uses = {
        "conv1d x=f32:2x4x20 w=f32:6x4x3 padding=same",
        "conv1d x=f32:nwc:2x20x4 w=f32:ksc:6x4x4 padding=same bias=f32:6",
        "conv2d x=f32:2x4x9x11 w=f32:6x2x3x3 groups=2 stride=2,1 padding=1 padding_mode=reflect",
        "conv2d x=i8:2x4x9x11 w=i8:6x4x3x3 type=i32",
        "conv3d x=f32:2x4x7x6x5 w=f32:6x4x3x2x3 padding=1,0,2 dilation=1,2,1 padding_mode=circular bias=f32:6",
        "conv3d x=f32:ndhwc:2x7x6x5x4 w=f32:ktrsc:6x3x2x3x4 padding=1",
        "depthwise_conv1d x=f32:2x6x30 w=f32:12x1x5 padding=same",
        "depthwise_conv2d x=f32:nhwc:2x9x11x8 w=f32:rsck:3x3x1x8 padding=1 stride=2",
        "depthwise_conv3d x=f32:2x4x7x6x5 w=f32:4x1x3x3x3 padding=1",
        "separable_conv2d x=f32:nhwc:2x9x11x8 w=f32:krsc:8x3x3x1 v=f32:krsc:16x1x1x8 padding=1 bias=f32:16",
        "separable_conv1d x=f32:2x4x20 w=f32:8x1x3 v=f32:6x8x1 padding=same",
        "separable_conv3d x=f32:1x4x5x6x7 w=f32:4x1x3x3x3 v=f32:6x4x1x1x1 padding=1",
        "conv_transpose1d x=f32:2x6x9 w=f32:6x4x3 stride=3 output_padding=2",
        "conv_transpose2d x=f32:2x6x5x7 w=f32:6x2x4x3 stride=2 padding=1 groups=2 bias=f32:4 output_padding=1,0",
        "conv_transpose2d x=f32:nhwc:2x5x7x6 w=f32:6x4x3x3 stride=2 padding=1 dilation=2",
        "conv_transpose3d x=f32:2x4x3x4x5 w=f32:4x3x2x3x2 stride=2,1,3",
        "max_pool1d x=f32:2x3x21 kernel_size=3 padding=1 ceil_mode=true",
        "max_pool2d x=f32:2x3x12x13 kernel_size=3,2 stride=2 padding=1 dilation=2,1 return_indices=true",
        "max_pool2d x=f32:nhwc:2x12x13x8 kernel_size=3 stride=2 padding=1 ceil_mode=true return_indices=true",
        "max_pool3d x=f32:2x3x7x8x9 kernel_size=2,3,2 padding=1 return_indices=true",
        "min_pool2d x=f32:2x3x12x13 kernel_size=3 stride=1 padding=1",
        "min_pool1d x=i32:2x3x21 kernel_size=3",
        "min_pool3d x=f32:2x3x7x8x9 kernel_size=2",
        "avg_pool1d x=f32:2x3x21 kernel_size=4 padding=2",
        "avg_pool2d x=f32:2x3x12x13 kernel_size=3 stride=2 padding=1 ceil_mode=true",
        "avg_pool2d x=f32:2x3x12x13 kernel_size=3 stride=2 padding=1 ceil_mode=true count_include_pad=false",
        "avg_pool2d x=f32:2x3x12x13 kernel_size=3 stride=2 padding=1 divisor_override=5",
        "avg_pool2d x=bf16:nhwc:2x12x13x8 kernel_size=2",
        "avg_pool3d x=f32:2x3x7x8x9 kernel_size=2,3,2 padding=1 count_include_pad=false",
        "lp_pool1d x=f32:2x3x21 kernel_size=4 norm_type=1",
        "lp_pool2d x=f32:2x3x12x13 kernel_size=3 stride=2 norm_type=2 ceil_mode=true",
        "lp_pool3d x=f32:2x3x7x8x9 kernel_size=2 norm_type=4",
        "global_avg_pool1d x=f32:2x3x21",
        "global_avg_pool2d x=f32:nhwc:2x12x13x8",
        "global_avg_pool3d x=f64:2x3x7x8x9",
        "global_max_pool1d x=i32:2x3x21",
        "global_max_pool2d x=f32:2x3x12x13",
        "global_max_pool3d x=f32:2x3x7x8x9",
        "max_unpool1d x=f32:2x3x5 indices=i64:2x3x5",
        "max_unpool2d x=f32:2x3x4x5 indices=i64:2x3x4x5 output_size=9,10",
        "max_unpool2d x=i32:nhwc:2x4x5x3 indices=i32:nhwc:2x4x5x3 stride=3",
        "max_unpool3d x=f32:2x3x2x3x2 indices=i64:2x3x2x3x2",
        "im2col x=f32:2x3x9x8 kernel_size=3,2 padding=1 stride=2",
        "col2im x=f32:2x18x25 kernel_size=3,2 padding=1,1 stride=2 output_size=9,8",
        "pad x=f32:2x3x9x8 pad=1,2,3,0 mode=reflect",
        "pad x=f32:2x3x9x8 pad=1,-2,-3,1 value=2.5",
        "pad x=i32:2x3x9 pad=4,9 mode=circular",
        "pad x=f32:2x5 pad=0,4 mode=reflect",
        "pad x=f32:2x5 pad=0,-1",
        "pad x=f64:9x8 pad=3,3,3,3 mode=replicate",
        "linear x=f32:5x32 w=f32:20x32 bias=f32:20",
        "linear x=f32:2x3x32 w=f32:20x32",
        "softmax x=f32:6x50",
        "softmax x=f32:4x30x6 dim=1",
        "softmax x=f64:4x30x6 dim=0",
        "log_softmax x=bf16:6x50",
        "log_softmax x=f32:4x5x6x7 dim=-3",
        "cross_entropy x=f32:30x20 target=i64:30",
        "cross_entropy x=f32:3x20x7 target=i32:3x7 weight=f32:20 label_smoothing=0.1 ignore_index=3",
        "cross_entropy x=f32:3x20x7 target=f32:3x20x7 reduction=sum weight=f32:20",
        "cross_entropy x=f32:30x20 target=i64:30 reduction=none",
        "cross_entropy x=f32:30x20 target=i64:30 label_smoothing=0.1",
        "cross_entropy x=f16:30x20 target=f16:30x20 reduction=none label_smoothing=0.25",
        "relu x=f32:7x33",
        "relu x=i32:7x33",
        "silu x=f32:7x33",
        "gelu x=f32:7x33",
        "gelu x=bf16:7x33 approximate=tanh",
        "sigmoid x=f64:7x33",
        "tanh x=f32:7x33",
        "add x=f32:7x1x33 other=f32:5x1 alpha=-2",
        "add x=i32:7x33 other=f32:33",
        "mul x=f32:7x33 other=f32:1",
        "scale x=f32:7x33 factor=0.125",
    };
    return uses;
}

std::vector<std::string> words_of(const std::string& use) {
    std::istringstream stream(use);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

Pipeline pipeline_of(const std::string& use) { return tools::make_problem(words_of(use)).pipeline; }

std::string test_name(const std::string& use, std::size_t number) {
    return use.substr(0, use.find(' ')) + "_" + std::to_string(number);
}

}  // namespace heddle::test
