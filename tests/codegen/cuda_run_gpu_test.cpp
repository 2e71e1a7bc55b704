// tests/codegen/cuda_run_gpu_test.cpp -- every operator on a CUDA device gives what evaluate() gives, to the last bit.
#include <gtest/gtest.h>

#include <cmath>

#include "codegen/compile.h"
#include "dsl/parse.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "tests/support/compiled.h"
#include "tests/support/operator_texts.h"

namespace heddle::test {
namespace {

// Functions of floats differ between the host's library and the device's in their last bits.
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

class gpu_operators : public testing::TestWithParam<OperatorText> {};

TEST_P(gpu_operators, agree_with_evaluate) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    const double tolerance = tolerance_of(GetParam().text);
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Compiled oracle(pipeline, inputs_of(pipeline), tolerance);
    const Kernel kernel = compile_here(pipeline, {}, Target::cuda(current_cuda_device().compute_capability));
    std::vector<Buffer> buffers;
    for (const AnyTensor& input : pipeline.inputs) buffers.push_back(to_device(oracle.inputs().at(input.name())));
    for (const AnyTensor& output : pipeline.outputs) {
        Buffer poisoned(output.type(), oracle.expected().at(output.name()).shape());
        poisoned.poison();
        buffers.push_back(to_device(poisoned));
    }
    kernel.run(buffers);
    synchronize();
    for (std::size_t i = 0; i < pipeline.outputs.size(); ++i) {
        const std::string& name = pipeline.outputs[i].name();
        EXPECT_EQ(
            first_difference(name, to_host(buffers[pipeline.inputs.size() + i]), oracle.expected().at(name), tolerance),
            "");
    }
}

INSTANTIATE_TEST_SUITE_P(Operators, gpu_operators, testing::ValuesIn(operator_texts()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
