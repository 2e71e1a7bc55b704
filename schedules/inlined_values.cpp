// schedules/inlined_values.cpp -- the values of inlined stages in the definitions that read them.
#include "schedules/inlined_values.h"

#include <algorithm>

#include "dsl/visit.h"
#include "schedules/directive_support.h"

namespace heddle {
namespace {

bool has_boundaries(const Definition& definition) {
    const std::vector<const Read*> reads = reads_of(definition);
    return std::any_of(reads.begin(), reads.end(),
                       [](const Read* read) { return read->boundary.mode != BoundaryMode::none; });
}

// The value at these indices, rounded as memory would have rounded it.
Expr value_at(const StageNest& producer, const std::vector<Expr>& indices) {
    const Definition& definition = *producer.stage.definition;
    Substitution substitution;
    for (std::size_t d = 0; d < indices.size(); ++d)
        substitution[definition.left[d].as<Variable>()->symbol] = indices[d];
    const Expr value = substitute(definition.right[0], substitution);
    const ScalarType type = producer.stage.targets[0].type();
    return compute_type(type) == type ? value : cast(type, value);
}

}  // namespace

void put_inlined_values(LoopNest& nest) {
    for (std::size_t i = 0; i < nest.stages.size(); ++i) {
        StageNest& stage = nest.stages[i];
        if (stage.segments) continue;  // its definition is another by now
        const Definition& written = *nest.pipeline.stages[i].definition;
        const auto put = [&](const Expr& e) {
            return rewrite(e, [&](const Expr& node) {
                const auto* read = node.as<Read>();
                if (!read || read->boundary.mode != BoundaryMode::none) return Expr();
                for (std::size_t j = 0; j < i; ++j) {
                    const StageNest& producer = nest.stages[j];
                    if (producer.placement == Placement::inlined && read->tensor == producer.stage.targets[0].node() &&
                        !has_boundaries(*producer.stage.definition))
                        return value_at(producer, read->indices);
                }
                return Expr();
            });
        };
        std::vector<Expr> right;
        bool changed = false;
        for (const Expr& e : written.right) {
            right.push_back(put(e));
            changed = changed || right.back().get() != e.get();
        }
        stage.stage.definition = nest.pipeline.stages[i].definition;
        if (!changed) continue;
        auto definition = std::make_shared<Definition>(written);
        definition->right = std::move(right);
        stage.stage.definition = std::move(definition);
    }
}

bool is_dissolved(const LoopNest& nest, const StageNest& stage) {
    if (stage.placement != Placement::inlined) return false;
    return std::none_of(nest.stages.begin(), nest.stages.end(), [&](const StageNest& reader) {
        return !reads_of(*reader.stage.definition, stage.stage.targets[0]).empty();
    });
}

}  // namespace heddle
