// bench/model_layers.cpp -- of each family some, on each target.
#include "bench/model_layers.h"

#include <sstream>

#include "tools/gradient_problem.h"

namespace heddle::bench {
namespace {

constexpr TargetKind host = TargetKind::host, cuda = TargetKind::cuda;

}  // namespace

const std::vector<ModelLayer>& model_layers() {
    static const std::vector<ModelLayer> layers = {
        {"conv.3x3_64", host, "conv2d x=f32:nhwc:1x56x56x64 w=f32:krsc:64x3x3x64 padding=1", ""},
        {"conv.3x3_256", host, "conv2d x=f32:nhwc:1x14x14x256 w=f32:krsc:256x3x3x256 padding=1", ""},
        {"conv.3x3_128", host, "conv2d x=f32:nhwc:1x28x28x128 w=f32:krsc:128x3x3x128 padding=1", ""},
        {"conv.1x1", host, "conv2d x=f32:nhwc:1x56x56x64 w=f32:krsc:256x1x1x64", ""},
        {"conv.stem", host, "conv2d x=f32:nhwc:1x112x112x3 w=f32:krsc:64x7x7x3 padding=3 stride=2", ""},
        {"conv.nchw", host, "conv2d x=f32:1x64x28x28 w=f32:128x64x3x3 padding=1", ""},
        {"conv.dw", host, "conv2d x=f32:nhwc:1x28x28x64 w=f32:krsc:64x3x3x64 padding=1", "w"},
        {"conv.dx", host, "conv2d x=f32:nhwc:1x28x28x64 w=f32:krsc:64x3x3x64 padding=1", "x"},
        {"linear", host, "linear x=f32:128x512 w=f32:512x512", ""},
        {"depthwise", host, "depthwise_conv2d x=f32:nhwc:4x56x56x144 w=f32:rsck:3x3x1x144 padding=1", ""},
        {"depthwise.nchw", host, "depthwise_conv2d x=f32:4x96x56x56 w=f32:96x1x3x3 padding=1", ""},
        {"max_pool", host, "max_pool2d x=f32:nhwc:4x112x112x64 kernel_size=3 stride=2 padding=1", ""},
        {"max_pool.nchw", host, "max_pool2d x=f32:4x64x112x112 kernel_size=3 stride=2 padding=1", ""},
        {"softmax", host, "softmax x=f32:1024x1000", ""},
        {"depthwise.stride2", host, "depthwise_conv2d x=f32:nhwc:4x56x56x96 w=f32:rsck:3x3x1x96 padding=1 stride=2",
         ""},
        {"max_pool.2x2", host, "max_pool2d x=f32:nhwc:4x112x112x64 kernel_size=2 stride=2", ""},
        {"avg_pool", host, "avg_pool2d x=f32:nhwc:4x56x56x96 kernel_size=3 stride=1 padding=1", ""},
        {"softmax.short", host, "softmax x=f32:16384x128", ""},
        {"softmax.long", host, "softmax x=f32:256x8192", ""},
        {"conv.3x3_64", cuda, "conv2d x=bf16:nhwc:32x56x56x64 w=bf16:krsc:64x3x3x64 padding=1", ""},
        {"conv.3x3_512", cuda, "conv2d x=bf16:nhwc:32x28x28x512 w=bf16:krsc:512x3x3x512 padding=1", ""},
        {"conv.3x3_128", cuda, "conv2d x=bf16:nhwc:32x28x28x128 w=bf16:krsc:128x3x3x128 padding=1", ""},
        {"conv.1x1", cuda, "conv2d x=bf16:nhwc:32x56x56x64 w=bf16:krsc:256x1x1x64", ""},
        {"conv.dw", cuda, "conv2d x=bf16:nhwc:32x28x28x128 w=bf16:krsc:128x3x3x128 padding=1", "w"},
        {"conv.f32", cuda, "conv2d x=f32:nhwc:16x28x28x128 w=f32:krsc:128x3x3x128 padding=1", ""},
        {"depthwise", cuda, "depthwise_conv2d x=f16:nhwc:32x56x56x144 w=f16:rsck:3x3x1x144 padding=1", ""},
        {"depthwise.nchw", cuda, "depthwise_conv2d x=f32:32x144x56x56 w=f32:144x1x3x3 padding=1", ""},
        {"depthwise.f32", cuda, "depthwise_conv2d x=f32:nhwc:16x56x56x144 w=f32:rsck:3x3x1x144 padding=1", ""},
        {"max_pool", cuda, "max_pool2d x=f16:nhwc:64x112x112x64 kernel_size=3 stride=2 padding=1", ""},
        {"max_pool.nchw", cuda, "max_pool2d x=f32:32x64x112x112 kernel_size=3 stride=2 padding=1", ""},
        {"max_pool.f32", cuda, "max_pool2d x=f32:nhwc:32x112x112x64 kernel_size=3 stride=2 padding=1", ""},
        {"softmax", cuda, "softmax x=f32:16384x1000", ""},
        {"softmax.long", cuda, "softmax x=f32:512x50257", ""},
        {"max_pool.2x2", cuda, "max_pool2d x=f16:nhwc:32x224x224x64 kernel_size=2 stride=2", ""},
        {"avg_pool", cuda, "avg_pool2d x=f16:nhwc:64x35x35x192 kernel_size=3 stride=1 padding=1", ""},
        {"depthwise.stride2", cuda, "depthwise_conv2d x=f16:nhwc:32x112x112x96 w=f16:rsck:3x3x1x96 padding=1 stride=2",
         ""},
        {"softmax.short", cuda, "softmax x=f32:262144x128", ""},
    };
    return layers;
}

tools::Problem problem_of(const ModelLayer& layer) {
    std::vector<std::string> words;
    std::istringstream text(layer.words);
    for (std::string word; text >> word;) words.push_back(word);
    tools::Problem problem = tools::make_problem(words);
    return layer.gradient.empty() ? problem : tools::gradient_of(problem, layer.gradient);
}

}  // namespace heddle::bench
