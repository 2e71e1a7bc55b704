// tests/support/gradient_difference.cpp -- directional differences, without rounding, and compiled gradients.
#include "tests/support/gradient_difference.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "dsl/gather_pipeline.h"
#include "dsl/gradient.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

double dot(const Buffer& a, const Buffer& b) {
    double sum = 0;
    for_each_index(a.shape(), [&](const auto& index) { sum += a.get(index) * b.get(index); });
    return sum;
}

Buffer sum_of(const Buffer& a, const Buffer& b) {
    Buffer sum(a.type(), a.shape());
    for_each_index(a.shape(), [&](const auto& index) { sum.set(index, a.get(index) + b.get(index)); });
    return sum;
}

/// Inputs of the forward, the same as the backward's where that has them.
NamedBuffers shared_inputs(const Pipeline& forward, const NamedBuffers& backward) {
    NamedBuffers inputs = random_inputs(forward, 1, true);
    for (auto& [name, buffer] : inputs)
        if (const auto found = backward.find(name); found != backward.end()) buffer = found->second;
    return inputs;
}

/// The first input of `linear_in` whose gradient is not what the output does.
std::string linear_difference(const Pipeline& forward, const Pipeline& backward,
                              const std::vector<std::string>& linear_in) {
    const NamedBuffers inputs = random_inputs(backward, 1, true);
    const NamedBuffers before = shared_inputs(forward, inputs);
    const std::string output = forward.outputs[0].name();
    if (!inputs.contains("d" + output)) return {};  // it depends on no input
    const Buffer y = evaluate(forward, before).at(output), dy = inputs.at("d" + output);
    const NamedBuffers gradients = evaluate(backward, inputs);
    for (const std::string& x : linear_in) {
        if (!gradients.contains("d" + x)) continue;
        const Buffer& at = before.at(x);
        const Buffer direction(at.type(), at.shape());
        direction.fill_random(77, true);
        NamedBuffers after = before;
        after[x] = sum_of(at, direction);
        const double expected = dot(dy, evaluate(forward, after).at(output)) - dot(dy, y);
        const double found = dot(gradients.at("d" + x), direction);
        if (std::isfinite(expected) && found != expected)
            return fmt::format("d{} gives {}, where {} changes by {}\nof\n{}{}", x, found, output, expected,
                               print(forward), print(backward));
    }
    return {};
}

}  // namespace

std::string gradient_difference(const Pipeline& pipeline, const std::vector<std::string>& linear_in,
                                const Target& target) {
    const Pipeline forward = Pipeline::of({pipeline.stages.back().targets[0]});
    std::vector<AnyTensor> wrt;
    for (const AnyTensor& input : forward.inputs)
        if (!is_integer(input.type())) wrt.push_back(input);
    if (wrt.empty()) return {};
    const std::vector<AnyTensor> gradients = gradient(forward.outputs[0], wrt);
    try {
        const Pipeline backward = Pipeline::of(gradients);
        if (std::string text = linear_difference(forward, backward, linear_in); !text.empty()) return text;
        return Compiled(gather_pipeline(backward)).difference(std::optional<Schedule>(), target);
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace heddle::test
