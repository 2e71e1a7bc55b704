// tests/ops/operator_equivariance_test.cpp -- with circular boundaries, an operator and its gradients move with what
// they are given, to the last bit.
#include <gtest/gtest.h>

#include "tests/ops/operator_gradients.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

/// Elements moved around the spatial dimensions, in each by another amount.
Buffer shifted(const Buffer& x) {
    const Buffer moved(x.type(), x.shape());
    for_each_index(x.shape(), [&](std::vector<std::int64_t> index) {
        const double value = x.get(index);
        for (std::size_t d = 2; d < index.size(); ++d)
            index[d] = (index[d] + static_cast<std::int64_t>(d) + 1) % x.shape()[d];
        moved.set(index, value);
    });
    return moved;
}

struct OperatorEquivariance : testing::TestWithParam<const char*> {};

TEST_P(OperatorEquivariance, MovesWithItsInputs) {
    const OperatorGradient gradient(GetParam(), 1, true);
    NamedBuffers moved = gradient.inputs;
    for (const char* name : {"x", "dy"}) moved[name] = shifted(gradient.inputs.at(name));
    const auto pick = [](const NamedBuffers& from, const Pipeline& pipeline) {
        NamedBuffers read;
        for (const AnyTensor& input : pipeline.inputs) read[input.name()] = from.at(input.name());
        return read;
    };
    for (const Pipeline* pipeline : {&gradient.forward.pipeline, &gradient.derived.pipeline}) {
        const Kernel kernel = compile_here(*pipeline);
        const NamedBuffers still = run_kernel(kernel, pick(gradient.inputs, *pipeline)),
                           after = run_kernel(kernel, pick(moved, *pipeline));
        for (const auto& [name, buffer] : still) {
            const bool moves = name == "y" || name == "dx";  // those by weights stay what they are
            EXPECT_EQ(first_difference(name, after.at(name), moves ? shifted(buffer) : buffer), "") << gradient.use;
        }
    }
}

const char* const circular_uses[] = {
    "conv1d x=f32:2x3x11 w=f32:4x3x5 padding=2 padding_mode=circular bias=f32:4",
    "conv2d x=f32:2x4x9x11 w=f32:6x2x3x5 groups=2 padding=1,2 padding_mode=circular",
    "conv2d x=f32:1x2x9x8 w=f32:3x2x3x3 padding=2 dilation=2 padding_mode=circular",
    "conv3d x=f32:1x2x5x6x7 w=f32:3x2x3x3x3 padding=1 padding_mode=circular",
    "depthwise_conv2d x=f32:2x4x9x11 w=f32:4x1x3x3 padding=1 padding_mode=circular",
    "separable_conv2d x=f32:1x4x7x8 w=f32:4x1x3x3 v=f32:6x4x1x1 padding=1 padding_mode=circular",
};
INSTANTIATE_TEST_SUITE_P(Uses, OperatorEquivariance, testing::ValuesIn(circular_uses),
                         [](const auto& info) { return test_name(info.param, info.index); });

}  // namespace
}  // namespace heddle::test
