// tests/ops/operator_gradient_difference_test.cpp -- gradients of every operator, and gradients of some gradients,
// against differences of what they are derived from, in double.
#include <gtest/gtest.h>

#include <cmath>

#include "dsl/gradient.h"
#include "dsl/print.h"
#include "tests/ops/operator_gradients.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

double inner_product(const Buffer& a, const Buffer& b) {
    double sum = 0;
    for_each_index(a.shape(), [&](const auto& index) { sum += a.get(index) * b.get(index); });
    return sum;
}

NamedBuffers evaluated(const Pipeline& pipeline, const NamedBuffers& inputs) {
    NamedBuffers read;
    for (const AnyTensor& input : pipeline.inputs) read[input.name()] = inputs.at(input.name());
    return evaluate(pipeline, read, EvaluatePrecision::f64);
}

/// One of the inputs in some direction: random, or of one element where `number` is 3 or more.
Buffer direction_of(const Buffer& x, std::uint64_t number) {
    const Buffer direction(f64, x.shape());
    direction.fill_random(7 + number);
    auto place = static_cast<std::int64_t>(number * 7919) % direction.elements();
    if (number >= 3) for_each_index(direction.shape(), [&](const auto& index) { direction.set(index, place-- == 0); });
    return direction;
}

/// The gradients of sum(weights * first output) by all inputs of floats, along random directions, to which every
/// element contributes, and along some elements alone.
void expect_differences(const Pipeline& forward, const NamedBuffers& inputs, const std::string& what) {
    const AnyTensor y = forward.outputs[0], seed("seed", f64, y.shape());
    std::vector<AnyTensor> wrt;
    for (const AnyTensor& input : forward.inputs)
        if (is_float(input.type())) wrt.push_back(input);
    const Pipeline backward = Pipeline::of(gradient(y, wrt, seed));
    const Buffer weights(f64, evaluated(forward, inputs).at(y.name()).shape());
    weights.fill_random(3);
    NamedBuffers given = inputs;
    given["seed"] = weights;
    const NamedBuffers derived = evaluated(backward, given);
    for (std::size_t i = 0; i < wrt.size(); ++i) {
        const Buffer &x = inputs.at(wrt[i].name()), &dx = derived.at(backward.outputs[i].name());
        ASSERT_EQ(dx.shape(), x.shape()) << what;
        for (std::uint64_t number = 0; number < 5; ++number) {
            const Buffer direction = direction_of(x, number);
            const double step = 1e-6, found = inner_product(dx, direction);
            const auto moved = [&](double by) {
                const Buffer to(f64, x.shape());
                for_each_index(x.shape(), [&](const auto& at) { to.set(at, x.get(at) + by * direction.get(at)); });
                NamedBuffers changed = inputs;
                changed[wrt[i].name()] = to;
                return inner_product(weights, evaluated(forward, changed).at(y.name()));
            };
            const double expected = (moved(step) - moved(-step)) / (2 * step);
            EXPECT_NEAR(found, expected, 1e-6 * std::max(1.0, std::abs(expected)))
                << what << ", by " << wrt[i].name() << ", direction " << number << "\n"
                << print(backward);
        }
    }
}

/// x in (0.5, 1.5), away from what has no derivative or none of second order.
NamedBuffers moved_inputs(const OperatorGradient& gradient) {
    NamedBuffers inputs = gradient.inputs;
    if (gradient.use.find("pool") == std::string::npos && gradient.use.find("entropy") == std::string::npos)
        return inputs;
    for (const std::string& name : gradient.wrt)
        for_each_index(inputs.at(name).shape(),
                       [&](const auto& at) { inputs.at(name).set(at, inputs.at(name).get(at) + 1); });
    return inputs;
}

struct OperatorDifference : testing::TestWithParam<std::string> {};

TEST_P(OperatorDifference, IsTheDerivedGradient) {
    const OperatorGradient gradient(in_double(GetParam()), 5);
    expect_differences(gradient.forward.written, moved_inputs(gradient), gradient.use);
}

/// What PyTorch does not have, and combinations that the uses of all sweeps leave out.
std::vector<std::string> uses() {
    std::vector<std::string> all = differentiable_uses();
    for (const char* mode : {"replicate", "symmetric", "constant:0.5", "skip"})
        for (const char* rest : {"padding=1", "padding=2 stride=2 dilation=2"})
            all.push_back("conv2d x=f64:1x2x6x7 w=f64:2x2x3x2 bias=f64:2 padding_mode=" + std::string(mode) + " " +
                          rest);
    all.emplace_back("conv1d x=f64:1x4x7 w=f64:6x2x3 groups=2 padding=same dilation=2 padding_mode=circular");
    all.emplace_back(
        "conv_transpose2d x=f64:1x4x3x4 w=f64:4x1x2x3 groups=2 stride=3,1 dilation=2,4 output_padding=2,3");
    all.emplace_back("conv_transpose1d x=f64:1x2x4 w=f64:2x2x1 stride=4 output_padding=3 bias=f64:2");  // uncovered
    all.emplace_back("pad x=f64:4x5 pad=2,1,1,3 mode=symmetric");
    all.emplace_back("lp_pool2d x=f64:1x2x5x6 kernel_size=3,2 stride=1,2 norm_type=3 ceil_mode=true");
    all.emplace_back("max_pool2d x=f64:1x2x7x7 kernel_size=2,3 stride=3,1 padding=1 dilation=2 ceil_mode=true");
    return all;
}

INSTANTIATE_TEST_SUITE_P(Uses, OperatorDifference, testing::ValuesIn(uses()),
                         [](const auto& info) { return test_name(info.param, info.index); });

struct OperatorSecondDifference : testing::TestWithParam<const char*> {};

TEST_P(OperatorSecondDifference, IsTheGradientOfTheDerivedGradient) {
    const OperatorGradient gradient(GetParam(), 9);
    for (const AnyTensor& dx : gradient.derived.written.outputs)
        expect_differences(Pipeline::of({dx}), moved_inputs(gradient), gradient.use);
}

const char* const second_uses[] = {
    "conv2d x=f64:1x2x5x6 w=f64:2x1x3x2 groups=2 stride=2,1 padding=1 padding_mode=reflect bias=f64:2",
    "conv_transpose1d x=f64:1x2x4 w=f64:2x2x3 stride=2 output_padding=1",
    "separable_conv1d x=f64:1x2x6 w=f64:2x1x3 v=f64:3x2x1 padding=same",
    "avg_pool1d x=f64:1x2x7 kernel_size=3 stride=2 padding=1 ceil_mode=true count_include_pad=false",
    "lp_pool1d x=f64:1x2x7 kernel_size=3 norm_type=3",
    "linear x=f64:3x4 w=f64:2x4 bias=f64:2",
    "softmax x=f64:3x4",
    "log_softmax x=f64:3x4 dim=0",
    "cross_entropy x=f64:4x3 target=i64:4 label_smoothing=0.1 weight=f64:3",
    "cross_entropy x=f64:4x3 target=f64:4x3 reduction=sum",
    "silu x=f64:9",
    "gelu x=f64:9",
    "gelu x=f64:9 approximate=tanh",
    "tanh x=f64:9",
    "mul x=f64:3x4 other=f64:4",
};
INSTANTIATE_TEST_SUITE_P(Uses, OperatorSecondDifference, testing::ValuesIn(second_uses),
                         [](const auto& info) { return test_name(info.param, info.index); });

}  // namespace
}  // namespace heddle::test
