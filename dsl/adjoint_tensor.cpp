// dsl/adjoint_tensor.cpp -- the adjoint of one tensor, from what its readers contribute.
#include "dsl/adjoint_tensor.h"

#include <algorithm>

#include "dsl/adjoint_rules.h"
#include "dsl/invert_scatter.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

/// Variables alone on the left are free, those absent from it are reduced, with the extents that they have.
Contribution with_kinds(const Contribution& c) {
    Substitution renamed;
    for (const DomainVar& v : c.domain) {
        const auto bare = [&](const Expr& e) { return e.as<Variable>() && e.as<Variable>()->symbol == v.symbol; };
        const bool occurs = std::any_of(c.left.begin(), c.left.end(), [&](const Expr& e) { return uses(e, v.symbol); });
        const bool alone = std::any_of(c.left.begin(), c.left.end(), bare);
        const SymbolKind kind = !occurs ? SymbolKind::reduction : alone ? SymbolKind::free : v.symbol.kind();
        renamed[v.symbol] = Expr(Symbol(v.symbol.name(), kind, v.extent.expr().handle()));
    }
    Contribution result{{}, substitute(c.right, renamed), {}};
    for (const Expr& e : c.left) result.left.push_back(substitute(e, renamed));
    for (const DomainVar& v : c.domain) {
        const Symbol symbol = renamed.at(v.symbol).as<Variable>()->symbol;
        result.domain.push_back({symbol, v.extent, symbol.kind() == SymbolKind::reduction});
    }
    return result;
}

/// A value for each element, with no reduction.
bool is_elementwise(const Contribution& c, const std::vector<Extent>& shape) {
    return is_gather(c.left, shape, c.domain) && c.domain.size() == c.left.size();
}

}  // namespace

AnyTensor adjoint_tensor(const std::string& name, const AnyTensor& of, const std::vector<Contribution>& contributions,
                         const SourceLocation& where) {
    const AnyTensor tensor(name, of.type(), of.shape());
    std::vector<Contribution> rest;
    Contribution elementwise;
    for (const Contribution& c : contributions) {
        if (!is_elementwise(c, of.shape())) {
            rest.push_back(c);
        } else if (!elementwise.right.defined()) {
            elementwise = c;
        } else {
            Substitution same;
            for (std::size_t d = 0; d < c.left.size(); ++d)
                same[c.left[d].as<Variable>()->symbol] = elementwise.left[d];
            elementwise.right = derivative_sum(elementwise.right, substitute(c.right, same));
        }
    }
    if (elementwise.right.defined()) {
        const Contribution c = with_kinds(elementwise);
        add_definition({tensor.node()}, c.left, UpdateOp::assign, {c.right}, {}, where);
    }
    for (const Contribution& each : rest) {
        const Contribution c = with_kinds(each);
        const InvertedScatter form = invert_scatter(of.shape(), c.left, UpdateOp::add, {c.right}, {}, c.domain);
        const bool kept = form.form == InvertedScatter::Form::scatter;
        add_definition({tensor.node()}, kept ? c.left : form.left, UpdateOp::add, {kept ? c.right : form.right[0]}, {},
                       where);
    }
    return tensor;
}

}  // namespace heddle
