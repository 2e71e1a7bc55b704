// dsl/pipeline.cpp -- collects what outputs need: a depth-first walk over the tensors that definitions read.
#include "dsl/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle {
namespace {

bool contains(const std::vector<AnyTensor>& tensors, const AnyTensor& tensor) {
    return std::find(tensors.begin(), tensors.end(), tensor) != tensors.end();
}

class Collector {
public:
    explicit Collector(const std::vector<AnyTensor>& outputs) {
        for (const AnyTensor& output : outputs) {
            if (!output.defined()) throw UserError("an output of a pipeline is an undefined tensor");
            if (!output.has_definition())
                throw UserError(output.node()->where,
                                fmt::format("{0} is an output and has no definition: write {0}(...) = "
                                            "... or {0}(...) += ...",
                                            output.name()));
            if (!contains(outputs_, output)) outputs_.push_back(output);
        }
        for (const AnyTensor& output : outputs_) visit(output);
        for (const PipelineStage& stage : pipeline_.stages)
            for (const AnyTensor& target : stage.targets)
                if (!contains(outputs_, target) && !contains(pipeline_.intermediates, target))
                    pipeline_.intermediates.push_back(target);
        pipeline_.outputs = outputs_;
    }
    Pipeline take() { return std::move(pipeline_); }

private:
    void visit(const AnyTensor& tensor) {
        const auto open = std::find(path_.begin(), path_.end(), tensor);
        if (open != path_.end()) {
            std::vector<std::string> names;
            for (auto step = open; step != path_.end(); ++step) names.push_back(step->name());
            names.push_back(tensor.name());
            throw UserError(tensor.node()->where,
                            fmt::format("cyclic definitions: {}; a pipeline needs an order in which "
                                        "each tensor is complete before it is read",
                                        join(names, " reads ")));
        }
        if (!visited_.insert(tensor.node().get()).second) return;
        note_name(tensor);
        for (const Extent& extent : tensor.shape()) note_parameters(extent.expr());
        if (!tensor.has_definition()) {
            pipeline_.inputs.push_back(tensor);
            return;
        }
        std::vector<AnyTensor> group{tensor};  // the targets of its tuple, which are complete together
        for (const AnyTensor& target : targets_of(*tensor.node()->definitions.back()))
            if (!(target == tensor)) {
                note_name(target);
                visited_.insert(target.node().get());
                group.push_back(target);
            }
        path_.insert(path_.end(), group.begin(), group.end());
        for (const AnyTensor& target : group)
            if (target.node()->definitions[0]->op == UpdateOp::assign) add_stage(target, 0);
        const auto& definitions = tensor.node()->definitions;
        for (std::size_t i = 0; i < definitions.size(); ++i)
            if (definitions[i]->op != UpdateOp::assign) add_stage(tensor, static_cast<int>(i));
        path_.resize(path_.size() - group.size());
    }

    static std::vector<AnyTensor> targets_of(const Definition& definition) {
        std::vector<AnyTensor> targets;
        for (std::size_t i = 0; i < definition.targets.size(); ++i)
            targets.push_back(definition.target(static_cast<int>(i)));
        return targets;
    }

    /// The stages that the definition reads from, then its own.
    void add_stage(const AnyTensor& tensor, int index) {
        const std::shared_ptr<const Definition>& definition = tensor.node()->definitions[index];
        const auto visit_reads = [&](const Expr& root) {
            note_parameters(root);
            for_each_node(root, [&](const Expr& e) {
                if (const Read* read = e.as<Read>()) visit(AnyTensor(read->tensor));
            });
        };
        for (const Expr& e : definition->left) visit_reads(e);
        for (const Expr& e : definition->right) visit_reads(e);
        for (const DomainVar& variable : definition->domain) note_parameters(variable.extent.expr());
        const std::vector<AnyTensor> targets = targets_of(*definition);
        const auto& of_first = targets[0].node()->definitions;
        const auto place = std::find(of_first.begin(), of_first.end(), definition) - of_first.begin();
        pipeline_.stages.push_back({definition, targets, static_cast<int>(place)});
    }

    void note_name(const AnyTensor& tensor) {
        if (!names_.insert(tensor.name()).second)
            throw UserError(tensor.node()->where,
                            fmt::format("two tensors of one pipeline are named {}: give one of them "
                                        "another name",
                                        tensor.name()));
    }

    void note_parameters(const Expr& e) {
        for (const Symbol& symbol : symbols_of(e))
            if (symbol.kind() == SymbolKind::parameter &&
                std::find(pipeline_.parameters.begin(), pipeline_.parameters.end(), symbol) ==
                    pipeline_.parameters.end())
                pipeline_.parameters.push_back(symbol);
    }

    Pipeline pipeline_;
    std::vector<AnyTensor> outputs_, path_;
    std::set<const TensorNode*> visited_;
    std::set<std::string> names_;
};

}  // namespace

std::string PipelineStage::name() const { return fmt::format("{}.{}", targets[0].name(), index); }

Pipeline Pipeline::of(const std::vector<AnyTensor>& outputs) { return Collector(outputs).take(); }

AnyTensor Pipeline::find(const std::string& name) const {
    for (const std::vector<AnyTensor>* group : {&inputs, &intermediates, &outputs})
        for (const AnyTensor& tensor : *group)
            if (tensor.name() == name) return tensor;
    return {};
}

}  // namespace heddle
