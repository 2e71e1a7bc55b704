// dsl/adjoint_tensor.cpp -- the adjoint of one tensor, from what its readers contribute.
#include "dsl/adjoint_tensor.h"

#include <algorithm>

#include "dsl/adjoint_rules.h"
#include "dsl/derivative_form.h"
#include "dsl/domain.h"
#include "dsl/guarded_index.h"
#include "dsl/invert_scatter.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

/// A number of terms, as a factor.
Expr times(const Extent& extent, ScalarType type) {
    if (extent.is_static()) return Expr::floating(static_cast<double>(extent.value()), type);
    return cast(type, extent.expr());
}

/// The gather of a contribution, where there is one.
Contribution gathered(const Contribution& c, const std::vector<Extent>& shape) {
    const InvertedScatter form = invert_scatter(shape, c.left, UpdateOp::add, {c.right}, {}, c.domain);
    if (form.form == InvertedScatter::Form::scatter || form.form == InvertedScatter::Form::bare) {
        Contribution kept = c;
        for (Expr& e : kept.left) e = with_clamped(e, c.guarded);
        return kept;
    }
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
    for (const Expr& e : c.guarded) result.guarded.push_back(substitute(e, renamed));
    for (const DomainVar& v : c.domain) {
        const Symbol symbol = renamed.at(v.symbol).as<Variable>()->symbol;
        result.domain.push_back({symbol, v.extent, symbol.kind() == SymbolKind::reduction});
    }
    return result;
}

namespace {

/// A variable that the derivative no longer mentions repeats the term.
Contribution counted(Contribution c) {
    std::vector<DomainVar> kept;
    for (const DomainVar& v : c.domain) {
        const bool written =
            std::any_of(c.left.begin(), c.left.end(), [&](const Expr& e) { return uses(e, v.symbol); });
        if (written || uses(c.right, v.symbol))
            kept.push_back(v);
        else
            c.right = derivative_product(c.right, times(v.extent, c.right.type()));
    }
    c.domain = std::move(kept);
    return c;
}

/// All contributions: one elementwise sum, and those that reduce.
struct Parts {
    Contribution sum;  ///< right undefined: none
    std::vector<Contribution> rest;
};

Parts parts_of(const std::vector<Extent>& shape, const std::vector<Contribution>& contributions) {
    Parts parts;
    for (const Contribution& each : contributions) {
        const Contribution c = gathered(with_kinds(counted(each)), shape);
        if (!is_elementwise(c, shape)) {
            parts.rest.push_back(c);
        } else if (!parts.sum.right.defined()) {
            parts.sum = c;
        } else {
            Substitution same;
            for (std::size_t d = 0; d < c.left.size(); ++d) same[c.left[d].as<Variable>()->symbol] = parts.sum.left[d];
            parts.sum.right = derivative_sum(parts.sum.right, substitute(c.right, same));
        }
    }
    if (parts.sum.right.defined()) parts.sum.right = factored(parts.sum.right);
    return parts;
}

AnyTensor define(const std::string& name, ScalarType type, const std::vector<Extent>& shape, const Parts& parts,
                 const SourceLocation& where) {
    const AnyTensor tensor(name, type, shape);
    const Contribution& sum = parts.sum;
    if (sum.right.defined()) add_definition({tensor.node()}, sum.left, UpdateOp::assign, {sum.right}, {}, where);
    for (const Contribution& c : parts.rest)
        add_definition({tensor.node()}, c.left, UpdateOp::add, {c.right}, {}, where);
    return tensor;
}

/// Takes the factors that do not change in a reduction out of it.
DerivativeProduct take_invariants(Contribution& c) {
    const auto varies = [&](const Expr& e) {
        bool found = false;
        for (const DomainVar& v : c.domain) found = found || (v.reduced && uses(e, v.symbol));
        for_each_node(e, [&](const Expr& node) {  // a read that tells which points take part stays
            if (const Read* read = node.as<Read>()) found = found || read->boundary.mode != BoundaryMode::none;
        });
        return found;
    };
    DerivativeProduct inside = product_of_factors(c.right), outside;
    const auto move = [&](std::vector<Expr>& from, std::vector<Expr>& to) {
        for (const Expr& e : std::vector<Expr>(from))
            if (!varies(e)) to.push_back(e);
        std::erase_if(from, [&](const Expr& e) { return !varies(e); });
    };
    move(inside.numerators, outside.numerators);
    move(inside.denominators, outside.denominators);
    if (inside.numerators.empty()) return {};
    std::swap(inside.coefficient, outside.coefficient);
    c.right = inside.expr(c.right.type());
    return outside;
}

}  // namespace

AnyTensor adjoint_tensor(const std::string& name, ScalarType type, const std::vector<Extent>& shape,
                         const std::vector<Contribution>& contributions, const SourceLocation& where) {
    return define(name, type, shape, parts_of(shape, contributions), where);
}

AdjointValue adjoint_value(const std::string& name, ScalarType type, const std::vector<Extent>& shape,
                           const std::vector<Contribution>& contributions, const SourceLocation& where) {
    Parts parts = parts_of(shape, contributions);
    const ScalarType computed = compute_type(type);
    if (parts.rest.empty() && computed == type && is_cheap(parts.sum.right)) return {parts.sum.left, parts.sum.right};
    DerivativeProduct factor;
    const bool single = !parts.sum.right.defined() && parts.rest.size() == 1 &&
                        is_gather(parts.rest[0].left, shape, parts.rest[0].domain);
    if (single && computed == type) factor = take_invariants(parts.rest[0]);
    AdjointValue result;
    if (single) result.at = parts.rest[0].left;
    for (std::size_t d = 0; !single && d < shape.size(); ++d)
        result.at.push_back(Expr(Symbol("i" + std::to_string(d), SymbolKind::free, shape[d].expr().handle())));
    const AnyTensor tensor = define(name, type, shape, parts, where);
    result.value = derivative_product(factor.expr(computed), Access(tensor.node(), result.at));
    return result;
}

AnyTensor stored(const AdjointValue& value, const std::string& name, ScalarType type, const std::vector<Extent>& shape,
                 const SourceLocation& where) {
    const AnyTensor tensor(name, type, shape);
    add_definition({tensor.node()}, value.at, UpdateOp::assign, {value.value}, {}, where);
    return tensor;
}

}  // namespace heddle
