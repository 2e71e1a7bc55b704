// tests/support/buffers.cpp -- buffers from lists of numbers and back, and what a text computes from them.
#include "tests/support/buffers.h"

#include "dsl/parse.h"

namespace heddle::test {

Buffer buffer_of(ScalarType type, std::vector<std::int64_t> shape, const std::vector<double>& elements) {
    const Buffer buffer(type, std::move(shape));
    require(static_cast<std::size_t>(buffer.elements()) == elements.size(),
            "a test's buffer has other elements than its shape");
    std::size_t i = 0;
    for_each_index(buffer.shape(), [&](const auto& index) { buffer.set(index, elements[i++]); });
    return buffer;
}

std::vector<double> elements_of(const Buffer& buffer) {
    std::vector<double> elements;
    for_each_index(buffer.shape(), [&](const auto& index) { elements.push_back(buffer.get(index)); });
    return elements;
}

NamedBuffers random_inputs(const Pipeline& pipeline, std::uint64_t seed, bool integers) {
    NamedBuffers inputs;
    for (const AnyTensor& input : pipeline.inputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : input.shape()) shape.push_back(extent.value());
        const Buffer buffer(input.type(), shape);
        buffer.fill_random(seed++, integers);
        inputs[input.name()] = buffer;
    }
    return inputs;
}

std::vector<double> computed(const std::string& text, const NamedBuffers& inputs, EvaluatePrecision precision) {
    const Pipeline pipeline = parse_pipeline(text);
    return elements_of(evaluate(pipeline, inputs, precision).at(pipeline.outputs[0].name()));
}

}  // namespace heddle::test
