// schedules/definition_facts.cpp -- the variables and reads of a definition, as schedules choose by them.
#include "schedules/definition_facts.h"

#include <algorithm>

#include "dsl/names.h"
#include "dsl/simplify.h"
#include "dsl/unique_index.h"
#include "dsl/visit.h"
#include "schedules/loop_nest.h"

namespace heddle {
namespace {

bool contains(const std::vector<Symbol>& symbols, const Symbol& symbol) {
    return std::find(symbols.begin(), symbols.end(), symbol) != symbols.end();
}

/// Different values of the index variables give different values of the sum: each coefficient is past the reach of the
/// smaller ones, as in a number with digits of mixed radix.
bool is_injective(const Affine& index, const std::vector<VariableFacts>& variables) {
    std::vector<std::pair<std::int64_t, std::int64_t>> digits;
    for (const VariableFacts& v : variables) {
        const std::int64_t coefficient = std::abs(index.coefficient(v.symbol));
        if (coefficient == 0) continue;
        if (!v.is_static && index.terms.size() > 1) return false;
        digits.emplace_back(coefficient, v.extent);
    }
    std::sort(digits.begin(), digits.end());
    std::int64_t reach = 0;
    for (const auto& [coefficient, extent] : digits) {
        if (coefficient <= reach) return false;
        reach += coefficient * (extent - 1);
    }
    return true;
}

std::vector<VariableFacts> variables_of(const Definition& definition) {
    std::vector<VariableFacts> variables;
    Names names;
    for (const DomainVar& v : definition.domain) {
        VariableFacts facts{v.symbol, names.of(v.symbol)};
        facts.is_static = v.extent.is_static();
        facts.extent = assumed_size(v.extent);
        facts.most = facts.is_static ? v.extent.value() : interval_of(v.extent.expr(), {}).max;
        facts.reduced = v.reduced;
        variables.push_back(std::move(facts));
    }
    // An update without an accumulator writes to memory at once: there only bare variables are known to be apart.
    const bool bare_only = definition.op != UpdateOp::assign && !has_bare_left(definition);
    for (std::size_t d = 0; d < definition.left.size(); ++d) {
        if (const auto* data = definition.left[d].as<DataIndex>(); data && is_unique(*data))
            for (VariableFacts& v : variables) v.independent = v.independent || uses(data->value, v.symbol);
        if (bare_only && !definition.left[d].as<Variable>()) continue;
        const std::optional<Affine> index = affine_of(simplify(definition.left[d]));
        if (!index || !is_injective(*index, variables)) continue;
        for (VariableFacts& v : variables) {
            const std::int64_t coefficient = index->coefficient(v.symbol);
            if (coefficient == 0) continue;
            v.independent = true;
            v.contiguous = coefficient == 1 && d + 1 == definition.left.size();
        }
    }
    for (std::size_t d = 0; d + 1 < definition.left.size(); ++d)  // a diagonal strides over whole rows
        for (VariableFacts& v : variables)
            if (uses(definition.left[d], v.symbol)) v.contiguous = false;
    return variables;
}

ReadFacts facts_of(const Read& read, const Ranges& ranges) {
    ReadFacts facts{AnyTensor(read.tensor), read.boundary, {}, {}, {}};
    for (std::size_t d = 0; d < read.indices.size(); ++d) {
        const Expr index = simplify(read.indices[d], ranges);
        facts.indices.push_back(affine_of(index));
        facts.symbols.push_back(symbols_of(index));
        const Expr extent = facts.tensor.shape()[d].expr();
        const bool bounded = read.boundary.mode != BoundaryMode::none;
        facts.may_leave.push_back(bounded && prove(Expr(0) <= index && index < extent, ranges) != true);
    }
    return facts;
}

/// Factors of a product, through conversions; false where the product holds anything but reads and constants.
bool collect_factors(const Expr& e, std::vector<const Read*>& reads) {
    if (const auto* read = e.as<Read>()) {
        reads.push_back(read);
        return true;
    }
    if (const auto* product = e.as<Binary>(); product && product->op == BinaryOp::mul)
        return collect_factors(product->a, reads) && collect_factors(product->b, reads);
    if (const auto* negation = e.as<Unary>(); negation && negation->op == UnaryOp::negate)
        return collect_factors(negation->operand, reads);
    if (const auto* conversion = e.as<Cast>()) return collect_factors(conversion->operand, reads);
    if (const auto* constant = e.as<StopGradient>()) return collect_factors(constant->operand, reads);
    return e.kind() == ExprKind::IntImm || e.kind() == ExprKind::FloatImm;
}

}  // namespace

std::int64_t assumed_size(const Extent& extent) {
    return extent.is_static() ? extent.value() : std::min(interval_of(extent.expr(), {}).max, assumed_extent);
}

bool ReadFacts::uses(const Symbol& symbol) const {
    return std::any_of(symbols.begin(), symbols.end(), [&](const auto& used) { return contains(used, symbol); });
}

bool ReadFacts::unit_stride(const Symbol& symbol) const {
    if (symbols.empty() || !indices.back() || indices.back()->coefficient(symbol) != 1) return false;
    return std::none_of(symbols.begin(), symbols.end() - 1, [&](const auto& used) { return contains(used, symbol); });
}

bool ReadFacts::leaves_along(const Symbol& symbol) const {
    for (std::size_t d = 0; d < symbols.size(); ++d)
        if (may_leave[d] && contains(symbols[d], symbol)) return true;
    return false;
}

bool ReadFacts::shares_dimension(const Symbol& symbol, const std::vector<Symbol>& others) const {
    return std::any_of(symbols.begin(), symbols.end(), [&](const std::vector<Symbol>& used) {
        return contains(used, symbol) && std::any_of(others.begin(), others.end(), [&](const Symbol& other) {
                   return other != symbol && contains(used, other);
               });
    });
}

const VariableFacts& DefinitionFacts::of(const Symbol& symbol) const {
    for (const VariableFacts& v : variables)
        if (v.symbol == symbol) return v;
    throw InternalError("a symbol that is no variable of the definition");
}

std::vector<Symbol> DefinitionFacts::free_variables() const {
    std::vector<Symbol> result;
    for (const VariableFacts& v : variables)
        if (!v.reduced) result.push_back(v.symbol);
    return result;
}

std::vector<Symbol> DefinitionFacts::reduced_variables() const {
    std::vector<Symbol> result;
    for (const VariableFacts& v : variables)
        if (v.reduced) result.push_back(v.symbol);
    return result;
}

int DefinitionFacts::widest_bytes() const {
    int bytes = 1;
    for (std::size_t i = 0; i < definition->targets.size(); ++i)
        bytes = std::max(bytes, bytes_of(compute_type(definition->target(static_cast<int>(i)).type())));
    for (const ReadFacts& read : reads) bytes = std::max(bytes, bytes_of(compute_type(read.tensor.type())));
    return bytes;
}

DefinitionFacts facts_of(const Definition& definition) {
    DefinitionFacts facts;
    facts.definition = &definition;
    facts.accumulates = definition.op != UpdateOp::assign && has_bare_left(definition);
    facts.variables = variables_of(definition);
    const Ranges ranges = ranges_of(definition.domain);
    const auto note = [&](const Expr& e) {
        if (const auto* read = e.as<Read>()) facts.reads.push_back(facts_of(*read, ranges));
        if (e.kind() == ExprKind::DataIndex) facts.data_dependent = true;
    };
    for (const Expr& value : definition.right) for_each_node(value, note);
    for (const Expr& index : definition.left)
        for_each_node(index, [&](const Expr& e) { facts.data_dependent |= e.kind() == ExprKind::DataIndex; });
    return facts;
}

std::vector<const Read*> factors_of(const Definition& definition) {
    std::vector<const Read*> reads;
    if (definition.op != UpdateOp::add || definition.right.size() != 1) return {};
    if (!collect_factors(definition.right[0], reads) || reads.size() != 2) return {};
    return reads;
}

}  // namespace heddle
