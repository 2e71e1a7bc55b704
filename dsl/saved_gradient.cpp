// dsl/saved_gradient.cpp -- gradients that are given results of the forward instead of computing them again.
#include "dsl/saved_gradient.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dsl/gradient.h"
#include "dsl/rebuild_pipeline.h"
#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle {
namespace {

template <class Visit>
void for_each_read(const Definition& definition, Visit visit) {
    for (const std::vector<Expr>* side : {&definition.left, &definition.right})
        for (const Expr& e : *side)
            for_each_node(e, [&](const Expr& node) {
                if (const Read* read = node.as<Read>()) visit(read->tensor);
            });
}

class Cut {
public:
    Cut(const Pipeline& whole, const Pipeline& forward, const AnyTensor& seed) : whole_(whole) {
        for (const AnyTensor& input : whole.inputs) {
            const bool known = std::find(forward.inputs.begin(), forward.inputs.end(), input) != forward.inputs.end();
            if (input == seed || !known) late_.insert(input.node().get());
        }
        for (const PipelineStage& stage : whole.stages) {
            bool late = false;
            for_each_read(*stage.definition, [&](const auto& tensor) { late = late || late_.count(tensor.get()); });
            for (const AnyTensor& target : stage.targets)
                if (late || target == seed) late_.insert(target.node().get());
        }
        for (const AnyTensor& output : whole.outputs) late_.insert(output.node().get());
    }

    /// What is computed before the seed is known: all of it, and what the rest reads.
    std::vector<AnyTensor> results() const {
        std::vector<AnyTensor> found;
        for (const PipelineStage& stage : whole_.stages)
            for (const AnyTensor& target : stage.targets)
                if (!late_.count(target.node().get()) && std::find(found.begin(), found.end(), target) == found.end())
                    found.push_back(target);
        return found;
    }
    std::vector<AnyTensor> results_read() const {
        std::set<const TensorNode*> read;
        for (const PipelineStage& stage : whole_.stages)
            if (late_.count(stage.targets[0].node().get()))
                for_each_read(*stage.definition, [&](const auto& tensor) { read.insert(tensor.get()); });
        std::vector<AnyTensor> found;
        for (const AnyTensor& tensor : results())
            if (read.count(tensor.node().get())) found.push_back(tensor);
        return found;
    }

    /// Of a tuple of which one tensor is saved, all that anything reads are.
    std::vector<AnyTensor> with_companions(std::vector<AnyTensor> saved) const {
        std::set<const TensorNode*> read;
        for (const PipelineStage& stage : whole_.stages)
            for_each_read(*stage.definition, [&](const auto& tensor) { read.insert(tensor.get()); });
        for (const PipelineStage& stage : whole_.stages) {
            if (!is_saved(stage, saved)) continue;
            for (const AnyTensor& target : stage.targets)
                if (read.count(target.node().get()) && std::find(saved.begin(), saved.end(), target) == saved.end())
                    saved.push_back(target);
        }
        return saved;
    }

    /// The gradients with these tensors as inputs.
    Pipeline without(const std::vector<AnyTensor>& saved) const {
        RebuiltTensors tensors;
        for (const AnyTensor& tensor : saved) tensors.renewed(tensor);
        for (const PipelineStage& stage : whole_.stages) {
            if (is_saved(stage, saved)) continue;
            std::vector<std::shared_ptr<TensorNode>> targets;
            for (const AnyTensor& target : stage.targets) targets.push_back(tensors.renewed(target).node());
            const Definition& definition = *stage.definition;
            add_definition(targets, tensors.renewed(definition.left), definition.op, tensors.renewed(definition.right),
                           definition.reducer, definition.where);
        }
        std::vector<AnyTensor> outputs;
        for (const AnyTensor& output : whole_.outputs) outputs.push_back(tensors.renewed(output));
        return Pipeline::of(outputs);
    }

private:
    static bool is_saved(const PipelineStage& stage, const std::vector<AnyTensor>& saved) {
        return std::any_of(stage.targets.begin(), stage.targets.end(), [&](const AnyTensor& target) {
            return std::find(saved.begin(), saved.end(), target) != saved.end();
        });
    }

    const Pipeline& whole_;
    std::set<const TensorNode*> late_;  ///< the seed, and what is computed from it
};

std::vector<AnyTensor> named(const std::vector<AnyTensor>& results, const std::vector<std::string>& names,
                             const AnyTensor& output) {
    std::vector<AnyTensor> found;
    std::vector<std::string> known;
    for (const AnyTensor& tensor : results) known.push_back(tensor.name());
    for (const std::string& name : names) {
        const auto tensor =
            std::find_if(results.begin(), results.end(), [&](const AnyTensor& t) { return t.name() == name; });
        if (tensor == results.end())
            throw UserError(fmt::format(
                "saved results: the gradient of {} computes no '{}' of the forward again; {}{}", output.name(), name,
                known.empty() ? "it computes nothing of it" : "it computes " + join(known, ", "),
                did_you_mean(name, known)));
        if (std::find(found.begin(), found.end(), *tensor) == found.end()) found.push_back(*tensor);
    }
    return found;
}

}  // namespace

SavedGradient saved_gradient(const AnyTensor& output, const std::vector<AnyTensor>& wrt, const AnyTensor& seed,
                             const std::vector<std::string>& names) {
    const Pipeline whole = Pipeline::of(gradient(output, wrt, seed));
    const Cut cut(whole, Pipeline::of({output}), seed);
    const std::vector<AnyTensor> saved =
        cut.with_companions(names.empty() ? cut.results_read() : named(cut.results(), names, output));
    SavedGradient result;
    std::vector<AnyTensor> outputs = {output};
    for (const AnyTensor& tensor : saved) {
        result.saved.push_back(tensor.name());
        if (tensor != output) outputs.push_back(tensor);
    }
    result.forward = Pipeline::of(outputs);
    result.backward = cut.without(saved);
    return result;
}

}  // namespace heddle
