// dsl/domain.cpp -- extents of variables from where they occur, and proofs that a map is one-to-one.
#include "dsl/domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "dsl/affine.h"
#include "dsl/print.h"
#include "dsl/unique_index.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool is_index_variable(const Symbol& symbol) {
    return symbol.kind() == SymbolKind::free || symbol.kind() == SymbolKind::reduction;
}

/// Index variables in order of first occurrence, those already in `found` left out.
void append_variables(const std::vector<Expr>& expressions, std::vector<Symbol>& found) {
    for (const Expr& e : expressions)
        for (const Symbol& symbol : symbols_of(e))
            if (is_index_variable(symbol) && std::find(found.begin(), found.end(), symbol) == found.end())
                found.push_back(symbol);
}

/// A bare occurrence: the variable alone is the index of a tensor's dimension.
struct Occurrence {
    const TensorNode* tensor;
    std::size_t dimension;
    Extent extent;
};
using Occurrences = std::map<Symbol, Occurrence>;

bool same_extent(const Extent& a, const Extent& b) {
    return equal(a.expr(), b.expr()) || prove(equals(a.expr(), b.expr()), {}) == true;
}

void note_occurrences(const TensorNode& tensor, const std::vector<Expr>& indices, const SourceLocation& where,
                      Occurrences& occurrences) {
    if (!tensor.shape) return;
    for (std::size_t d = 0; d < indices.size(); ++d) {
        const Variable* variable = indices[d].as<Variable>();
        if (!variable || !is_index_variable(variable->symbol) || variable->symbol.declared_extent()) continue;
        const Occurrence here{&tensor, d, (*tensor.shape)[d]};
        const auto [found, added] = occurrences.emplace(variable->symbol, here);
        const Occurrence& first = found->second;
        if (!added && !same_extent(first.extent, here.extent))
            throw UserError(where,
                            fmt::format("{0} has two extents: {1} in {2} (dimension {3}) and {4} in {5} (dimension "
                                        "{6}); they must agree, or {0} be declared with an extent of its own",
                                        variable->symbol.name(), print(first.extent.expr()), first.tensor->name,
                                        first.dimension, print(here.extent.expr()), tensor.name, d));
    }
}

}  // namespace

Ranges ranges_of(const std::vector<DomainVar>& domain) {
    Ranges ranges;
    for (const DomainVar& variable : domain) ranges[variable.symbol] = range_of_extent(variable.extent.expr());
    return ranges;
}

std::vector<DomainVar> infer_domain(const TensorNode& target, const std::vector<Expr>& left,
                                    const std::vector<Expr>& right, const SourceLocation& where) {
    std::vector<Symbol> symbols;
    append_variables(left, symbols);
    const std::size_t on_left = symbols.size();
    append_variables(right, symbols);

    Occurrences occurrences;
    note_occurrences(target, left, where, occurrences);
    const auto note_reads = [&](const Expr& root) {
        for_each_node(root, [&](const Expr& e) {
            if (const Read* read = e.as<Read>()) note_occurrences(*read->tensor, read->indices, where, occurrences);
        });
    };
    for (const Expr& e : left) note_reads(e);
    for (const Expr& e : right) note_reads(e);

    std::vector<DomainVar> domain;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        const Symbol& symbol = symbols[i];
        const auto found = occurrences.find(symbol);
        if (!symbol.declared_extent() && found == occurrences.end())
            throw UserError(where,
                            fmt::format("the extent of {0} is unknown: it is nowhere the only variable of an index "
                                        "of a tensor with a shape; declare it, as in {1} {0}(\"{0}\", 3)",
                                        symbol.name(), symbol.kind() == SymbolKind::free ? "Var" : "RVar"));
        const Extent extent = symbol.declared_extent() ? Extent(Expr(symbol.declared_extent())) : found->second.extent;
        domain.push_back({symbol, extent, i >= on_left});
    }
    return domain;
}

std::vector<Symbol> colliding_variables(const std::vector<Expr>& left, const std::vector<DomainVar>& domain) {
    std::map<Symbol, std::int64_t> unknown;  // with the largest value
    for (const DomainVar& variable : domain) {
        const std::int64_t extent = interval_of(variable.extent.expr(), {}).max;
        if (extent > 1) unknown[variable.symbol] = extent - 1;
    }
    for (const Expr& index : left)
        if (const DataIndex* data = index.as<DataIndex>(); data && is_unique(*data))
            for (const Symbol& symbol : symbols_of(data->value)) unknown.erase(symbol);
    for (bool progress = true; progress;) {
        progress = false;
        for (const Expr& index : left) {
            const std::optional<Affine> affine = affine_of(index);
            if (!affine) continue;
            std::vector<std::pair<std::int64_t, Symbol>> terms;
            for (const auto& [symbol, coefficient] : affine->terms)
                if (unknown.count(symbol)) terms.emplace_back(coefficient < 0 ? -coefficient : coefficient, symbol);
            std::sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
            std::int64_t reach = 0;  // what the smaller terms can sum to
            bool told_apart = true;
            for (const auto& [coefficient, symbol] : terms) {
                told_apart = told_apart && coefficient > reach;
                std::int64_t span;
                if (__builtin_mul_overflow(coefficient, unknown[symbol], &span) ||
                    __builtin_add_overflow(reach, span, &reach))
                    reach = Interval::plus_infinity;
            }
            if (!told_apart || terms.empty()) continue;
            for (const auto& term : terms) unknown.erase(term.second);
            progress = true;
        }
    }
    std::vector<Symbol> colliding;
    for (const DomainVar& variable : domain)
        if (unknown.count(variable.symbol)) colliding.push_back(variable.symbol);
    return colliding;
}

}  // namespace heddle
