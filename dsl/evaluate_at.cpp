// dsl/evaluate_at.cpp -- chosen elements of a pipeline's tensor, and only what they need.
#include <fmt/format.h>

#include <memory>
#include <unordered_map>

#include "dsl/element_values.h"
#include "dsl/evaluate.h"
#include "dsl/point_program.h"

namespace heddle {
namespace {

class ElementEvaluation {
public:
    ElementEvaluation(const Pipeline& pipeline, const NamedBuffers& inputs, EvaluatePrecision precision)
        : inputs_(inputs), parameters_(bind_parameters(pipeline, inputs)), precision_(precision) {}

    const std::map<Symbol, std::int64_t>& parameters() const { return parameters_; }

    /// The element at a row-major offset.
    Value element(const TensorNode& tensor, std::int64_t offset) {
        Group& group = group_of(tensor);
        const auto known = group.known.find(offset);
        const std::size_t place = known != group.known.end() ? known->second : compute(group, offset);
        return group.values[place + group.component.at(&tensor)];
    }

private:
    /// A compiled definition and the first of its targets within the group.
    struct Step {
        std::shared_ptr<const Definition> definition;
        std::size_t component;
        PointProgram program;
    };
    /// Tensors that are defined together: one, or a tuple's. Elements once computed are kept.
    struct Group {
        std::vector<AnyTensor> targets;
        std::map<const TensorNode*, std::size_t> component;
        std::vector<std::int64_t> shape;
        std::vector<Step> steps;
        std::unordered_map<std::int64_t, std::size_t>
            known;  ///< offset to the place of the first component in `values`
        std::vector<Value> values;
    };

    Group& group_of(const TensorNode& tensor) {
        std::shared_ptr<Group>& found = groups_[&tensor];
        if (found) return *found;
        const auto group = std::make_shared<Group>();
        const Definition& last = *tensor.definitions.back();
        for (std::size_t i = 0; i < last.targets.size(); ++i) {
            group->targets.push_back(last.target(static_cast<int>(i)));
            group->component[group->targets[i].node().get()] = i;
            groups_[group->targets[i].node().get()] = group;
        }
        group->shape = values_of(*tensor.shape, parameters_);
        for (std::size_t i = 0; i < group->targets.size(); ++i) {
            const auto& first = group->targets[i].node()->definitions[0];
            if (first->op == UpdateOp::assign) add_step(*group, first, i);
        }
        for (const auto& definition : tensor.definitions)
            if (definition->op != UpdateOp::assign) add_step(*group, definition, 0);
        return *group;
    }

    void add_step(Group& group, const std::shared_ptr<const Definition>& definition, std::size_t component) {
        PointProgram program(*definition,
                             {parameters_, precision_, [&](const TensorNode& read) { return source(read); }, true});
        if (program.empty_reduction()) check_empty_reduction(group.targets[component], *definition);
        group.steps.push_back({definition, component, std::move(program)});
    }

    ElementSource source(const TensorNode& tensor) {
        if (tensor.definitions.empty()) return source_of(inputs_.at(tensor.name));
        const std::vector<std::int64_t> shape = values_of(*tensor.shape, parameters_);
        return {tensor.type, nullptr, shape, row_major_strides(shape),
                [this, &tensor](std::int64_t offset) { return element(tensor, offset); }};
    }

    std::size_t compute(Group& group, std::int64_t offset) {
        std::vector<std::int64_t> index(group.shape.size());
        std::int64_t rest = offset;
        for (std::size_t d = index.size(); d-- > 0; rest /= group.shape[d]) index[d] = rest % group.shape[d];

        std::vector<Value> values;
        for (std::size_t i = 0; i < group.targets.size(); ++i)
            values.push_back(starting_value(*group.targets[i].node()->definitions[0], group.targets[i].type(), i));
        Value best{.i = 0};
        for (Step& step : group.steps) {
            std::vector<Value*> accumulators;
            for (std::size_t i = 0; i < step.definition->targets.size(); ++i)
                accumulators.push_back(&values[step.component + i]);
            if (step.definition->op == UpdateOp::argmax) accumulators.push_back(&best);
            step.program.run_element(accumulators, index);
        }
        const std::size_t place = group.values.size();
        for (std::size_t i = 0; i < values.size(); ++i)
            group.values.push_back(finished(values[i], group.targets[i].type(), precision_));
        group.known[offset] = place;
        return place;
    }

    const NamedBuffers& inputs_;
    const std::map<Symbol, std::int64_t> parameters_;
    const EvaluatePrecision precision_;
    std::map<const TensorNode*, std::shared_ptr<Group>> groups_;
};

}  // namespace

std::vector<double> evaluate_at(const Pipeline& pipeline, const NamedBuffers& inputs, const AnyTensor& output,
                                const std::vector<std::vector<std::int64_t>>& points, EvaluatePrecision precision) {
    if (!output.defined() || !output.has_definition() || !(pipeline.find(output.name()) == output))
        throw UserError(
            fmt::format("{} is not defined in this pipeline", output.defined() ? output.name() : "the output"));
    ElementEvaluation evaluation(pipeline, inputs, precision);
    const std::vector<std::int64_t> shape = values_of(output.shape(), evaluation.parameters());
    const std::vector<std::int64_t> strides = row_major_strides(shape);
    std::vector<double> results;
    for (const std::vector<std::int64_t>& point : points) {
        bool inside = point.size() == shape.size();
        std::int64_t offset = 0;
        for (std::size_t d = 0; inside && d < shape.size(); ++d) {
            inside = point[d] >= 0 && point[d] < shape[d];
            offset += point[d] * strides[d];
        }
        if (!inside)
            throw UserError(fmt::format("{} has the shape {}; the point {} is not an element of it", output.name(),
                                        describe_shape(shape), describe_shape(point)));
        const Value value = evaluation.element(*output.node(), offset);
        results.push_back(is_float(output.type()) ? value.f : static_cast<double>(value.i));
    }
    return results;
}

}  // namespace heddle
