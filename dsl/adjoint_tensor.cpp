// dsl/adjoint_tensor.cpp -- the adjoint of one tensor, from what its readers contribute.
#include "dsl/adjoint_tensor.h"

#include <algorithm>

#include "dsl/adjoint_rules.h"
#include "dsl/domain.h"
#include "dsl/invert_scatter.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

/// The gather of a contribution, where there is one.
Contribution gathered(const Contribution& c, const std::vector<Extent>& shape) {
    const InvertedScatter form = invert_scatter(shape, c.left, UpdateOp::add, {c.right}, {}, c.domain);
    if (form.form == InvertedScatter::Form::scatter || form.form == InvertedScatter::Form::bare) return c;
    const AnyTensor target("target", f32, shape);
    return {form.left, form.right[0], infer_domain(*target.node(), form.left, form.right, {})};
}

/// A term that is 0 where its reads are outside, whatever they meet: a read, times literals.
bool vanishes_outside(const Expr& e) {
    if (e.as<FloatImm>() || e.as<Read>()) return true;
    if (const Unary* unary = e.as<Unary>()) return unary->op == UnaryOp::negate && vanishes_outside(unary->operand);
    const Binary* product = e.as<Binary>();
    if (!product || product->op != BinaryOp::mul) return false;
    return (product->a.as<FloatImm>() && vanishes_outside(product->b)) ||
           (product->b.as<FloatImm>() && vanishes_outside(product->a));
}

/// A value for each element with no reduction, that may be a term of a sum.
bool is_elementwise(const Contribution& c, const std::vector<Extent>& shape) {
    if (!is_gather(c.left, shape, c.domain) || c.domain.size() != c.left.size()) return false;
    bool participates = false;
    for_each_node(c.right, [&](const Expr& e) {
        const Read* read = e.as<Read>();
        if (!read) return;
        if (read->boundary.mode == BoundaryMode::skip) participates = true;
        if (read->boundary.mode == BoundaryMode::zero && !vanishes_outside(c.right)) participates = true;
    });
    return !participates;
}

}  // namespace

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

AnyTensor adjoint_tensor(const std::string& name, ScalarType type, const std::vector<Extent>& shape,
                         const std::vector<Contribution>& contributions, const SourceLocation& where) {
    const AnyTensor tensor(name, type, shape);
    std::vector<Contribution> rest;
    Contribution sum;
    for (const Contribution& each : contributions) {
        const Contribution c = gathered(with_kinds(each), shape);
        if (!is_elementwise(c, shape)) {
            rest.push_back(c);
        } else if (!sum.right.defined()) {
            sum = c;
        } else {
            Substitution same;
            for (std::size_t d = 0; d < c.left.size(); ++d) same[c.left[d].as<Variable>()->symbol] = sum.left[d];
            sum.right = derivative_sum(sum.right, substitute(c.right, same));
        }
    }
    if (sum.right.defined()) add_definition({tensor.node()}, sum.left, UpdateOp::assign, {sum.right}, {}, where);
    for (const Contribution& c : rest) add_definition({tensor.node()}, c.left, UpdateOp::add, {c.right}, {}, where);
    return tensor;
}

}  // namespace heddle
