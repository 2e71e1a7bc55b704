// tests/support/on_device.cpp -- compiled code of a CUDA device beside what evaluate() gives.
#include "tests/support/on_device.h"

#include <cmath>

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"

namespace heddle::test {

NamedBuffers whole_inputs(const Pipeline& pipeline) {
    NamedBuffers inputs;
    Substitution sizes;
    for (const Symbol& parameter : pipeline.parameters) sizes[parameter] = Expr::integer(37);
    std::uint64_t seed = 1;
    for (const AnyTensor& input : pipeline.inputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : input.shape())
            shape.push_back(simplify(substitute(extent.expr(), sizes)).as<IntImm>()->value);
        Buffer buffer(input.type(), shape);
        buffer.fill_random(seed++, true);
        if (is_integer(input.type()))
            for_each_index(shape, [&](const auto& index) { buffer.set(index, std::abs(buffer.get(index))); });
        inputs[input.name()] = buffer;
    }
    return inputs;
}

std::string difference_on_device(const Compiled& oracle, const std::optional<Schedule>& schedule, double tolerance) {
    const Pipeline& pipeline = oracle.pipeline();
    const Kernel kernel = compile_here(pipeline, schedule, Target::cuda(current_cuda_device().compute_capability));
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
        const Buffer found = to_host(buffers[pipeline.inputs.size() + i]);
        if (std::string text = first_difference(name, found, oracle.expected().at(name), tolerance); !text.empty())
            return text;
    }
    return {};
}

}  // namespace heddle::test
