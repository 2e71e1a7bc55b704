// schedules/place_stages.cpp -- elementwise producers and consumers.
#include "schedules/place_stages.h"

#include <algorithm>
#include <set>

#include "dsl/visit.h"
#include "schedules/loop_nest.h"
#include "schedules/tuning_space.h"

namespace heddle {
namespace {

bool is_elementwise(const PipelineStage& stage) {
    const Definition& definition = *stage.definition;
    return stage.index == 0 && definition.op == UpdateOp::assign && stage.targets.size() == 1 &&
           stage.targets[0].node()->definitions.size() == 1 && has_bare_left(definition) &&
           std::none_of(definition.domain.begin(), definition.domain.end(),
                        [](const DomainVar& v) { return v.reduced; });
}

std::vector<const Read*> reads_of_tensor(const Definition& definition, const AnyTensor& tensor) {
    std::vector<const Read*> reads;
    const auto note = [&](const Expr& e) {
        if (const auto* read = e.as<Read>(); read && read->tensor == tensor.node()) reads.push_back(read);
    };
    for (const Expr& e : definition.right) for_each_node(e, note);
    for (const Expr& e : definition.left) for_each_node(e, note);
    return reads;
}

/// Different variables, one an index, and no others in the domain.
bool reads_each_element_once(const Read& read, const Definition& definition) {
    std::set<Symbol> seen;
    for (const Expr& index : read.indices) {
        const auto* variable = index.as<Variable>();
        if (!variable || !seen.insert(variable->symbol).second) return false;
    }
    return seen.size() == definition.domain.size() && read.boundary.mode == BoundaryMode::none;
}

bool is_output(const Pipeline& pipeline, const AnyTensor& tensor) {
    return std::find(pipeline.outputs.begin(), pipeline.outputs.end(), tensor) != pipeline.outputs.end();
}

}  // namespace

bool may_inline(const Pipeline& pipeline, const PipelineStage& stage) {
    if (!is_elementwise(stage) || is_output(pipeline, stage.targets[0])) return false;
    for (const PipelineStage& reader : pipeline.stages)
        for (const Read* read : reads_of_tensor(*reader.definition, stage.targets[0]))
            if (!reads_each_element_once(*read, *reader.definition)) return false;
    return true;
}

bool may_be_epilogue(const Pipeline& pipeline, const PipelineStage& stage) {
    if (!is_elementwise(stage)) return false;
    for (const PipelineStage& producer : pipeline.stages) {
        const AnyTensor& tensor = producer.targets[0];
        if (producer.definition->op == UpdateOp::assign || producer.targets.size() != 1) continue;
        const std::vector<const Read*> reads = reads_of_tensor(*stage.definition, tensor);
        if (reads.empty() || is_output(pipeline, tensor)) continue;
        const bool same = std::all_of(reads.begin(), reads.end(), [&](const Read* read) {
            return read->boundary.mode == BoundaryMode::none && read->indices.size() == stage.definition->left.size() &&
                   std::equal(read->indices.begin(), read->indices.end(), stage.definition->left.begin(), equal);
        });
        const bool read_elsewhere =
            std::any_of(pipeline.stages.begin(), pipeline.stages.end(), [&](const PipelineStage& other) {
                return other.name() != stage.name() && !reads_of_tensor(*other.definition, tensor).empty();
            });
        if (same && !read_elsewhere) return true;
    }
    return false;
}

}  // namespace heddle
