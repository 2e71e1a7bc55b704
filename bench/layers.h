// bench/layers.h -- the convolutions that are measured: a table in a file, and each as a problem.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/convolution_pass.h"
#include "ops/conv.h"
#include "tools/problem.h"

namespace heddle::bench {

/// One convolution; stride, padding and dilation are the same along rows and columns.
struct Layer {
    std::string name;
    std::int64_t N, C, H, W, K, R, S;
    int stride, padding, dilation, groups;
};

/// All layers of a JSON file; no name: those of bench/layers/host.json, as they were when this was built. Throws
/// UserError naming file, layer and field for one that cannot be read, a missing field and a size below 1.
std::vector<Layer> read_layers(const std::filesystem::path& file);
/// Those named in `names`, in that order; an empty list: all. Throws UserError that lists the names for an unknown one.
std::vector<Layer> select_layers(const std::vector<Layer>& layers, const std::vector<std::string>& names);

/// With filters K R S C beside activations N H W C, and K C R S beside N C H W.
ConvOptions options_of(const Layer& layer, ActivationLayout layout);
/// y = conv2d(x, w) or one of its gradients by a seed dy, of tensors that hold `type`.
tools::Problem problem_of(const Layer& layer, ActivationLayout layout, ConvolutionPass pass = ConvolutionPass::forward,
                          ScalarType type = f32);
/// A tensor of the layer in the order N C H W or K C R S, whatever its layout: a view of the same memory.
Buffer in_plain_order(const Buffer& buffer, ActivationLayout layout);

}  // namespace heddle::bench
