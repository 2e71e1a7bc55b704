// codegen/tuning/sample_inputs.cpp -- pseudo-random inputs, indices inside their extents, and outputs to fill.
#include "codegen/tuning/sample_inputs.h"

#include <algorithm>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/error.h"

namespace heddle {
namespace {

// The largest number that an input may hold where it is read as an index, 0: it is not.
std::int64_t index_limit(const Pipeline& pipeline, const AnyTensor& input) {
    std::int64_t limit = 0;
    const auto look = [&](const Expr& e) {
        const auto* data = e.as<DataIndex>();
        if (!data) return;
        const Expr extent = simplify(data->extent);
        const auto* constant = extent.as<IntImm>();
        bool reads = false;
        for_each_node(data->value, [&](const Expr& value) {
            if (const auto* read = value.as<Read>()) reads |= read->tensor == input.node();
        });
        if (reads && constant) limit = limit == 0 ? constant->value : std::min(limit, constant->value);
    };
    for (const PipelineStage& stage : pipeline.stages) {
        for (const Expr& e : stage.definition->left) for_each_node(e, look);
        for (const Expr& e : stage.definition->right) for_each_node(e, look);
    }
    return limit;
}

void fill_indices(const Buffer& buffer, std::int64_t limit, std::uint64_t seed) {
    std::uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
    for_each_index(buffer.shape(), [&](const std::vector<std::int64_t>& index) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        buffer.set(index, static_cast<double>((state >> 33) % static_cast<std::uint64_t>(limit)));
    });
}

}  // namespace

Buffer sample_input(const Pipeline& pipeline, const AnyTensor& input, const std::vector<std::int64_t>& shape,
                    std::uint64_t seed, bool integers) {
    Buffer buffer(input.type(), shape);
    if (const std::int64_t limit = index_limit(pipeline, input); limit > 0)
        fill_indices(buffer, limit, seed);
    else
        buffer.fill_random(seed, integers);
    return buffer;
}

NamedBuffers sample_inputs(const Pipeline& pipeline, std::uint64_t seed) {
    NamedBuffers inputs;
    for (const AnyTensor& input : pipeline.inputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : input.shape()) {
            if (!extent.is_static())
                throw UserError(input.name() + " has a run-time size (" + print(extent.expr()) +
                                "): its schedule is tuned on buffers that are given");
            shape.push_back(extent.value());
        }
        inputs[input.name()] = sample_input(pipeline, input, shape, ++seed);
    }
    return inputs;
}

NamedBuffers make_outputs(const Pipeline& pipeline, const NamedBuffers& inputs) {
    Substitution sizes;
    if (!pipeline.parameters.empty())
        for (const auto& [symbol, value] : bind_parameters(pipeline, inputs)) sizes[symbol] = Expr::integer(value);
    NamedBuffers outputs;
    for (const AnyTensor& output : pipeline.outputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : output.shape()) {
            const Expr size = simplify(substitute(extent.expr(), sizes));
            require(size.as<IntImm>() != nullptr, "an output's size is known once the inputs' are");
            shape.push_back(size.as<IntImm>()->value);
        }
        outputs[output.name()] = Buffer(output.type(), shape);
    }
    return outputs;
}

}  // namespace heddle
