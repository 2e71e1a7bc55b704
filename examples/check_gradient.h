// examples/check_gradient.h -- a derived gradient against differences of values, for the examples' own checks
#pragma once

#include <heddle/heddle.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

/// Compiles y and dx, its gradient by x, all f64, prints dx, and compares its product with a random direction with what
/// y changes by in that direction. All inputs get random values.
inline bool gradient_is_right(const heddle::AnyTensor& y, const heddle::AnyTensor& x, const heddle::AnyTensor& dx) {
    using namespace heddle;
    const Pipeline forward = Pipeline::of({y}), backward = Pipeline::of({dx});
    std::printf("%s\n", print(backward).c_str());
    const auto sizes = [](const AnyTensor& tensor) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : tensor.shape()) shape.push_back(extent.value());
        return shape;
    };
    NamedBuffers inputs;
    for (const Pipeline& pipeline : {forward, backward})
        for (const AnyTensor& input : pipeline.inputs) {
            inputs[input.name()] = Buffer(f64, sizes(input));
            inputs[input.name()].fill_random(inputs.size());
        }
    const auto run = [&](const Pipeline& pipeline, const Kernel& kernel) {
        std::vector<Buffer> buffers;
        for (const AnyTensor& input : pipeline.inputs) buffers.push_back(inputs.at(input.name()));
        buffers.emplace_back(f64, sizes(pipeline.outputs[0]));
        kernel.run(buffers);
        return buffers.back();
    };
    const auto product = [](const Buffer& a, const Buffer& b) {
        double sum = 0;
        for (std::int64_t i = 0; i < a.elements(); ++i) sum += a.as<double>()[i] * b.as<double>()[i];
        return sum;
    };
    const Kernel values = compile(forward);
    const Buffer slope = run(backward, compile(backward)), seed = inputs.at("d" + y.name());
    const Buffer start = inputs.at(x.name()), direction(f64, sizes(x));
    direction.fill_random(99);
    double ends[2];
    constexpr double step = 1e-6;
    for (const int end : {0, 1}) {
        inputs[x.name()] = start.copy();
        for (std::int64_t i = 0; i < start.elements(); ++i)
            inputs[x.name()].as<double>()[i] += (end ? step : -step) * direction.as<double>()[i];
        ends[end] = product(seed, run(forward, values));
    }
    const double derived = product(slope, direction), measured = (ends[1] - ends[0]) / (2 * step);
    std::printf("in a random direction: %.9g by the gradient, %.9g by differences\n\n", derived, measured);
    return std::abs(derived - measured) <= 1e-6 * (1 + std::abs(measured));
}
