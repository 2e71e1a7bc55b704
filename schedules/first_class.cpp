// schedules/first_class.cpp -- one residue class of a gather whose reads depend on quotients and remainders.
#include "schedules/first_class.h"

#include <algorithm>

#include "dsl/affine.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

/// The constant that a variable is divided by wherever it is; 1 where it is not, or not by one constant.
std::int64_t divisor_of(const Definition& definition, const Symbol& variable) {
    std::int64_t divisor = 1;
    bool same = true;
    const auto note = [&](const Expr& e) {
        const auto* operation = e.as<Binary>();
        if (!operation || (operation->op != BinaryOp::div && operation->op != BinaryOp::mod)) return;
        if (!uses(operation->a, variable)) return;
        const auto* by = operation->b.as<IntImm>();
        const std::optional<Affine> dividend = affine_of(operation->a);
        same = same && by && by->value > 1 && dividend && std::abs(dividend->coefficient(variable)) == 1 &&
               (divisor == 1 || divisor == by->value);
        if (same) divisor = by->value;
    };
    for (const Expr& value : definition.right) for_each_node(value, note);
    return same ? divisor : 1;
}

bool is_bare(const Definition& definition, const Symbol& variable) {
    return std::all_of(definition.left.begin(), definition.left.end(),
                       [&](const Expr& index) { return !uses(index, variable) || index.as<Variable>(); });
}

}  // namespace

FirstClass first_class(const Definition& definition) {
    FirstClass result;
    Substitution bare, inside;
    std::vector<DomainVar> domain = definition.domain;
    for (DomainVar& v : domain) {
        if (v.reduced || !v.extent.is_static() || !is_bare(definition, v.symbol)) continue;
        const std::int64_t classes = divisor_of(definition, v.symbol);
        if (classes == 1 || v.extent.value() < 2 * classes) continue;
        const ClassSplit split{v.symbol, Symbol(v.symbol.name(), SymbolKind::free), classes};
        bare[v.symbol] = Expr(split.quotient);
        inside[v.symbol] = Expr(split.quotient) * Expr::integer(classes);
        v = {split.quotient, Extent((v.extent.value() + classes - 1) / classes), false};
        result.splits.push_back(split);
    }
    if (result.splits.empty()) return result;
    Definition first = definition;
    first.domain = domain;
    const Ranges ranges = ranges_of(domain);
    for (Expr& index : first.left) index = substitute(index, bare);
    for (Expr& value : first.right) value = simplify(substitute(value, inside), ranges);
    result.definition = std::make_shared<const Definition>(std::move(first));
    return result;
}

}  // namespace heddle
