// codegen/share_scratch.cpp -- which intermediates may share, by their first and last steps, and their storage
// replaced.
#include "codegen/share_scratch.h"

#include <algorithm>
#include <map>

#include "codegen/build_stage.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

using Replacements = std::map<const TensorNode*, AnyTensor>;

struct Lifetime {
    AnyTensor tensor;
    std::size_t first = 0, last = 0;  ///< steps that use it
};

std::vector<Lifetime> lifetimes_of(const PlanSteps& plan, const std::vector<AnyTensor>& intermediates) {
    std::vector<Lifetime> lifetimes;
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
        for (const auto& node : storage_used(plan.steps[i].function.body)) {
            const auto is_this = [&](const auto& each) { return each.node() == node; };
            const auto tensor = std::find_if(intermediates.begin(), intermediates.end(), is_this);
            if (tensor == intermediates.end()) continue;
            const auto known = std::find_if(lifetimes.begin(), lifetimes.end(),
                                            [&](const Lifetime& lifetime) { return lifetime.tensor == *tensor; });
            if (known == lifetimes.end())
                lifetimes.push_back({*tensor, i, i});
            else
                known->last = i;
        }
    return lifetimes;
}

bool alike(const AnyTensor& a, const AnyTensor& b) {
    return a.type() == b.type() && a.rank() == b.rank() &&
           std::equal(a.shape().begin(), a.shape().end(), b.shape().begin(),
                      [](const Extent& m, const Extent& n) { return equal(m.expr(), n.expr()); });
}

void replace(AnyTensor& tensor, const Replacements& replacements) {
    if (!tensor.defined()) return;
    if (const auto found = replacements.find(tensor.node().get()); found != replacements.end()) tensor = found->second;
}

template <class Node>
Stmt with_places(const Node& node, const Replacements& replacements) {
    Node copy = node;
    if constexpr (requires { copy.to.storage; }) replace(copy.to.storage, replacements);
    if constexpr (requires { copy.to.front().storage; })
        for (Place& place : copy.to) replace(place.storage, replacements);
    if constexpr (requires { copy.sources; })
        for (AnyTensor& source : copy.sources) replace(source, replacements);
    if constexpr (requires { copy.operands; })
        for (CallOperand& operand : copy.operands) replace(operand.place.storage, replacements);
    return Stmt::make(std::move(copy));
}

Stmt with_storage(const Stmt& body, const Replacements& replacements) {
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        if (const auto* store = s.as<Store>()) return with_places(*store, replacements);
        if (const auto* shuffle = s.as<Shuffle>()) return with_places(*shuffle, replacements);
        if (const auto* copy = s.as<Copy>()) return with_places(*copy, replacements);
        if (const auto* map = s.as<Map>()) return with_places(*map, replacements);
        if (const auto* mma = s.as<Mma>()) return with_places(*mma, replacements);
        if (const auto* reduce = s.as<Reduce>()) return with_places(*reduce, replacements);
        if (const auto* call = s.as<Call>()) return with_places(*call, replacements);
        return s;
    };
    mutator.expression = [&](const Expr& e) {
        return rewrite(e, [&](const Expr& node) -> Expr {
            const auto* read = node.as<Read>();
            if (!read) return {};
            const auto found = replacements.find(read->tensor.get());
            return found == replacements.end() ? Expr() : load(found->second, read->indices);
        });
    };
    return mutate(body, mutator);
}

}  // namespace

void share_scratch(PlanSteps& plan, const std::vector<AnyTensor>& intermediates) {
    Replacements replacements;
    std::vector<Lifetime> kept;  // the tensors that have memory, with the steps of all that lie there
    for (const Lifetime& lifetime : lifetimes_of(plan, intermediates)) {
        const auto free = std::find_if(kept.begin(), kept.end(), [&](const Lifetime& other) {
            return other.last < lifetime.first && alike(other.tensor, lifetime.tensor);
        });
        if (free == kept.end()) {
            kept.push_back(lifetime);
            continue;
        }
        replacements.emplace(lifetime.tensor.node().get(), free->tensor);
        free->last = lifetime.last;
    }
    if (replacements.empty()) return;
    for (PlanStep& step : plan.steps) {
        step.function.body = with_storage(step.function.body, replacements);
        for (AnyTensor& parameter : step.function.parameters) replace(parameter, replacements);
    }
    std::erase_if(plan.scratch, [&](const AnyTensor& tensor) { return replacements.count(tensor.node().get()) > 0; });
}

}  // namespace heddle
