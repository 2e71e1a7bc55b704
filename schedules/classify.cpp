// schedules/classify.cpp -- the family of a definition, and the variables of a product-sum by where they occur.
#include <algorithm>

#include "schedules/definition_facts.h"
#include "schedules/tuning_space.h"

namespace heddle {
namespace {

/// True when the fastest varying dimension of the widest read is run through by reduced variables alone.
bool reduces_rows(const DefinitionFacts& facts) {
    const auto variables_of = [&](const ReadFacts& read) {
        return std::count_if(facts.variables.begin(), facts.variables.end(),
                             [&](const VariableFacts& v) { return read.uses(v.symbol); });
    };
    const ReadFacts* widest = nullptr;
    for (const ReadFacts& read : facts.reads)
        if (!widest || variables_of(read) > variables_of(*widest)) widest = &read;
    if (!widest || widest->symbols.empty() || widest->symbols.back().empty()) return false;
    return std::all_of(widest->symbols.back().begin(), widest->symbols.back().end(), [&](const Symbol& s) {
        const DomainVar* v = facts.definition->find(s);
        return v && v->reduced;
    });
}

}  // namespace

std::string_view name_of(Family family) {
    switch (family) {
        case Family::contraction:
            return "contraction";
        case Family::stencil:
            return "stencil";
        case Family::reduction:
            return "reduction";
    }
    throw InternalError("an unknown family");
}

Classification classify(const Definition& definition) {
    const DefinitionFacts facts = facts_of(definition);
    const auto plain = [&] {
        Classification result;
        result.family = reduces_rows(facts) ? Family::reduction : Family::stencil;
        return result;
    };
    if (factors_of(definition).empty() || facts.reads.size() != 2 || facts.data_dependent) return plain();

    Classification result{Family::contraction, facts.reads[0].tensor, facts.reads[1].tensor, {}, {}, {}, {}};
    for (const VariableFacts& v : facts.variables) {
        const bool in_a = facts.reads[0].uses(v.symbol), in_b = facts.reads[1].uses(v.symbol);
        if (!v.reduced && !v.independent) return plain();
        if (v.reduced)
            result.k.push_back(v.symbol);
        else if (in_a == in_b)
            result.batch.push_back(v.symbol);
        else
            (in_a ? result.m : result.n).push_back(v.symbol);
    }
    return result.m.empty() || result.n.empty() || result.k.empty() ? plain() : result;
}

}  // namespace heddle
