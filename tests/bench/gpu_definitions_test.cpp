// tests/bench/gpu_definitions_test.cpp -- the gradients that are measured are the adjoints of the forward direction.
#include <gtest/gtest.h>

#include <cmath>

#include "bench/gpu_case.h"
#include "dsl/evaluate.h"
#include "tests/support/buffers.h"

namespace heddle::bench {
namespace {

GpuLayer layer_from(const std::string& row) { return parse_gpu_layers("[{\"name\": \"l\", " + row + "}]", "t").at(0); }

NamedBuffers results(const GpuCase& given, ActivationLayout layout, const NamedBuffers& data) {
    const Pipeline pipeline = definition_of(given, layout);
    NamedBuffers inputs;
    for (const AnyTensor& input : pipeline.inputs) inputs[input.name()] = data.at(input.name());
    return evaluate(pipeline, inputs, EvaluatePrecision::f64);
}

double dot(const Buffer& a, const Buffer& b) {
    EXPECT_EQ(a.shape(), b.shape());
    double sum = 0;
    for_each_index(a.shape(), [&](const std::vector<std::int64_t>& i) { sum += a.get(i) * b.get(i); });
    return sum;
}

Buffer random_like(const Buffer& other, std::uint64_t seed) {
    Buffer buffer(other.type(), other.shape());
    buffer.fill_random(seed);
    return buffer;
}

class measured_gradients : public testing::TestWithParam<std::tuple<const char*, ActivationLayout>> {};

// y is linear in x and in w, so <y, dy> = <x, dx> = <w, dw>; a maximum is, for the places that it has chosen.
TEST_P(measured_gradients, pairs_as_the_forward_direction_does) {
    const auto& [row, layout] = GetParam();
    const GpuLayer layer = layer_from(row);
    // Of a transposed convolution, the passes of the convolution.
    const bool transposed = layer.kind == LayerKind::transposed_convolution;
    const GpuCase forward{layer, transposed ? Direction::dx : Direction::forward, Arithmetic::f32};
    NamedBuffers data = test::random_inputs(definition_of(forward, layout), 5);
    for (const auto& [name, buffer] : results(forward, layout, data)) data[name] = buffer;
    data["dy"] = random_like(data.at("y"), 9);
    const double expected = dot(data.at("y"), data.at("dy"));
    const Buffer dx =
        results({layer, transposed ? Direction::forward : Direction::dx, Arithmetic::f32}, layout, data).at("dx");
    EXPECT_NEAR(dot(data.at("x"), dx), expected, 1e-4 * std::abs(expected) + 1e-5);
    if (data.count("w") == 0) return;
    const Buffer dw = results({layer, Direction::dw, Arithmetic::f32}, layout, data).at("dw");
    EXPECT_NEAR(dot(data.at("w"), dw), expected, 1e-4 * std::abs(expected) + 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    layers, measured_gradients,
    testing::Combine(
        testing::Values(
            R"("kind":"convolution","N":2,"C":3,"H":7,"W":8,"K":4,"R":3,"S":3,"stride":1,"padding":1,"dilation":1,"groups":1)",
            R"("kind":"convolution","N":2,"C":4,"H":9,"W":8,"K":6,"R":3,"S":2,"stride":2,"padding":1,"dilation":1,"groups":2)",
            R"("kind":"convolution","N":1,"C":4,"H":9,"W":9,"K":4,"R":3,"S":3,"stride":1,"padding":2,"dilation":2,"groups":4)",
            R"("kind":"convolution","N":2,"C":3,"H":7,"W":7,"K":5,"R":1,"S":1,"stride":2,"padding":0,"dilation":1,"groups":1)",
            R"("kind":"convolution","N":1,"C":2,"H":13,"W":15,"K":3,"R":5,"S":5,"stride":4,"padding":2,"dilation":1,"groups":1)",
            R"("kind":"transposed_convolution","N":2,"C":3,"H":4,"W":5,"K":2,"R":2,"S":2,"stride":2,"padding":0,"output_padding":0)",
            R"("kind":"transposed_convolution","N":1,"C":3,"H":4,"W":5,"K":2,"R":3,"S":3,"stride":2,"padding":1,"output_padding":1)",
            R"("kind":"transposed_convolution","N":1,"C":2,"H":3,"W":3,"K":2,"R":4,"S":4,"stride":2,"padding":1,"output_padding":0)",
            R"("kind":"max_pool","N":2,"C":3,"H":9,"W":8,"R":3,"S":3,"stride":2,"padding":1)",
            R"("kind":"max_pool","N":1,"C":2,"H":8,"W":8,"R":2,"S":2,"stride":2,"padding":0)",
            R"("kind":"average_pool","N":2,"C":3,"H":7,"W":7,"R":3,"S":3,"stride":1,"padding":1)",
            R"("kind":"average_pool","N":2,"C":2,"H":9,"W":11,"R":3,"S":3,"stride":2,"padding":1)",
            R"("kind":"average_pool","N":2,"C":5,"H":7,"W":7,"R":7,"S":7,"stride":7,"padding":0)",
            R"("kind":"linear","N":3,"C":4,"K":5)"),
        testing::Values(ActivationLayout::nchw, ActivationLayout::nhwc)));

// A step of x along d changes the loss <y, dy> by <dx, d>.
TEST(measured_softmax, gradient_is_the_slope_of_the_forward_direction) {
    const GpuLayer layer = layer_from(R"("kind":"softmax","N":3,"C":6)");
    const GpuCase forward{layer, Direction::forward, Arithmetic::f32};
    NamedBuffers data = test::random_inputs(definition_of(forward, ActivationLayout::nchw), 3);
    data["y"] = results(forward, ActivationLayout::nchw, data).at("y");
    data["dy"] = random_like(data.at("y"), 4);
    const Buffer d = random_like(data.at("x"), 5), x = data.at("x").copy();
    const auto loss = [&](double step) {
        for_each_index(x.shape(), [&](const auto& i) { data.at("x").set(i, x.get(i) + step * d.get(i)); });
        return dot(results(forward, ActivationLayout::nchw, data).at("y"), data.at("dy"));
    };
    const double slope = (loss(0.02) - loss(-0.02)) / 0.04;
    const Buffer dx = results({layer, Direction::dx, Arithmetic::f32}, ActivationLayout::nchw, data).at("dx");
    EXPECT_NEAR(dot(dx, d), slope, 1e-4);
}

TEST(measured_cross_entropy, gives_the_loss_and_the_softmax_less_the_class) {
    const GpuLayer layer = layer_from(R"("kind":"cross_entropy","N":2,"C":3)");
    const NamedBuffers data = {{"x", test::buffer_of(f32, {2, 3}, {0, 0, 0, 1, 2, 3})},
                               {"t", test::buffer_of(i32, {2}, {1, 2})}};
    const NamedBuffers found = results({layer, Direction::both, Arithmetic::f32}, ActivationLayout::nchw, data);
    const double sum = std::exp(-2) + std::exp(-1) + 1;
    EXPECT_NEAR(found.at("loss").get({0}), std::log(3.0), 1e-6);
    EXPECT_NEAR(found.at("loss").get({1}), std::log(sum), 1e-6);
    EXPECT_NEAR(found.at("dx").get({0, 1}), 1.0 / 3 - 1, 1e-6);
    EXPECT_NEAR(found.at("dx").get({1, 0}), std::exp(-2) / sum, 1e-6);
}

}  // namespace
}  // namespace heddle::bench
