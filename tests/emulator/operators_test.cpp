// tests/emulator/operators_test.cpp -- the CUDA text of every operator, executed, gives what evaluate() gives.
#include <gtest/gtest.h>

#include <cmath>

#include "dsl/parse.h"
#include "schedules/schedule.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/operator_texts.h"

namespace heddle::test {
namespace {

// Functions of floats may round otherwise in the host's library than in evaluate().
double tolerance_of(const std::string& text) {
    for (const char* function : {"exp", "log", "tanh", "sigmoid", "erf", "sqrt", "sin", "cos", " / "})
        if (text.find(function) != std::string::npos) return 1e-5;
    return 0;
}

// Whole random numbers; a run-time size is 37, and indices from data lie in [0, 3].
NamedBuffers inputs_of(const Pipeline& pipeline) {
    NamedBuffers inputs;
    std::uint64_t seed = 1;
    for (const AnyTensor& input : pipeline.inputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : input.shape()) shape.push_back(extent.is_static() ? extent.value() : 37);
        Buffer buffer(input.type(), shape);
        buffer.fill_random(seed++, true);
        if (is_integer(input.type()))
            for_each_index(shape, [&](const auto& index) { buffer.set(index, std::abs(buffer.get(index))); });
        inputs[input.name()] = buffer;
    }
    return inputs;
}

// Those that take the naive evaluation too long.
bool large(const std::string& name) { return name == "conv_nhwc_large" || name == "weight_gradient_long"; }

// Parts of the table, so that each compiles its texts at once and they run beside each other.
constexpr int parts = 4;
class EmulatedOperators : public testing::TestWithParam<int> {};

TEST_P(EmulatedOperators, AgreeWithEvaluate) {
    const Target target = Target::cuda(90);
    std::vector<const OperatorText*> operators;
    std::vector<std::string> texts;
    std::vector<int> first;
    for (std::size_t i = 0; i < operator_texts().size(); ++i) {
        const OperatorText& one = operator_texts()[i];
        if (static_cast<int>(i) % parts != GetParam() || large(one.name)) continue;
        const Pipeline pipeline = parse_pipeline(one.text);
        operators.push_back(&one);
        first.push_back(static_cast<int>(texts.size()));
        for (std::string& text : emulation_texts(pipeline, default_schedule(pipeline, target), target))
            texts.push_back(std::move(text));
    }
    const EmulatedProgram program(texts);
    for (std::size_t i = 0; i < operators.size(); ++i) {
        SCOPED_TRACE(operators[i]->name);
        const Pipeline pipeline = parse_pipeline(operators[i]->text);
        const NamedBuffers inputs = inputs_of(pipeline), expected = evaluate(pipeline, inputs);
        const NamedBuffers found =
            emulate(pipeline, default_schedule(pipeline, target), target, inputs, &program, first[i]);
        for (const auto& [name, buffer] : expected)
            EXPECT_EQ(first_difference(name, found.at(name), buffer, tolerance_of(operators[i]->text)), "");
    }
}

INSTANTIATE_TEST_SUITE_P(Parts, EmulatedOperators, testing::Range(0, parts));

}  // namespace
}  // namespace heddle::test
