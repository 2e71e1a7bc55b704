// dsl/gather_pipeline.cpp -- a pipeline whose scatters are gathers.
#include "dsl/gather_pipeline.h"

#include <map>
#include <set>

#include "dsl/invert_scatter.h"
#include "dsl/product_sum.h"

namespace heddle {
namespace {

class Rebuild {
public:
    AnyTensor renewed(const AnyTensor& tensor) {
        AnyTensor& fresh = tensors_[tensor.node().get()];
        if (!fresh.defined()) fresh = AnyTensor(tensor.name(), tensor.type(), tensor.shape());
        return fresh;
    }
    std::vector<Expr> renewed(std::vector<Expr> expressions) {
        for (Expr& e : expressions) e = with_tensors(e, tensors_);
        return expressions;
    }

private:
    std::map<const TensorNode*, AnyTensor> tensors_;
};

}  // namespace

Pipeline gather_pipeline(const Pipeline& pipeline, std::vector<GatherReport>* reports) {
    std::vector<InvertedScatter> forms;
    bool changes = false;
    for (const PipelineStage& stage : pipeline.stages) {
        forms.push_back(invert_scatter(*stage.definition));
        const InvertedScatter& form = forms.back();
        const bool changed = form.form == InvertedScatter::Form::gather || form.form == InvertedScatter::Form::mixed;
        changes = changes || changed;
        if (reports) reports->push_back({stage.name(), form.text(), changed});
    }
    if (!changes) return pipeline;
    Rebuild rebuild;
    for (std::size_t i = 0; i < forms.size(); ++i) {
        const Definition& definition = *pipeline.stages[i].definition;
        const bool kept = forms[i].left.empty() && !definition.left.empty();
        std::vector<std::shared_ptr<TensorNode>> targets;
        for (const AnyTensor& target : pipeline.stages[i].targets) targets.push_back(rebuild.renewed(target).node());
        add_definition(targets, rebuild.renewed(kept ? definition.left : forms[i].left), definition.op,
                       rebuild.renewed(kept ? definition.right : forms[i].right), definition.reducer, definition.where);
    }
    std::vector<AnyTensor> outputs;
    for (const AnyTensor& output : pipeline.outputs) outputs.push_back(rebuild.renewed(output));
    return Pipeline::of(outputs);
}

}  // namespace heddle
