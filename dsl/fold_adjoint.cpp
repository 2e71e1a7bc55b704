// dsl/fold_adjoint.cpp -- adjoints of reads through a boundary that moves indices inside.
#include "dsl/fold_adjoint.h"

#include <fmt/format.h>
#include <functional>

#include <algorithm>

#include "dsl/affine.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

/// How far an index leaves a dimension on each side: i64 expressions over parameters, at least 0.
struct Overhang {
    Expr low = 0, high = 0;
    bool any() const { return !is_const(low, 0) || !is_const(high, 0); }
};

/// The end of an affine index over a domain, its largest value or its smallest.
Expr end_of(const Affine& index, const std::vector<DomainVar>& domain, bool largest) {
    Expr end = index.constant;
    for (const DomainVar& v : domain) {
        const std::int64_t coefficient = index.coefficient(v.symbol);
        if ((coefficient > 0) == largest) end = end + (v.extent.expr() - 1) * coefficient;
    }
    return simplify(end);
}

Overhang overhang_of(const Expr& index, const Expr& extent, const std::vector<DomainVar>& domain,
                     const SourceLocation& where) {
    const Ranges ranges = ranges_of(domain);
    const Expr simple = simplify(index, ranges);
    Expr low, high;
    if (const std::optional<Affine> affine = affine_of(simple)) {
        low = end_of(*affine, domain, false);
        high = end_of(*affine, domain, true);
    } else {
        const Interval range = interval_of(simple, ranges);
        if (range.min == Interval::minus_infinity || range.max == Interval::plus_infinity)
            throw UserError(where, fmt::format("the gradient of a read at `{}` through a boundary that folds needs to "
                                               "know how far the index leaves the tensor: clamp it, or read without "
                                               "the boundary",
                                               print(index)));
        low = range.min;
        high = range.max;
    }
    return {simplify(max(-low, 0)), simplify(max(high - extent + 1, 0))};
}

class Fold {
public:
    Fold(const AnyTensor& of, BoundaryMode mode, const std::function<std::string(const std::string&)>& name,
         const SourceLocation& where)
        : of_(of), mode_(mode), name_(name), where_(where) {}

    std::vector<Contribution> run(const std::vector<Contribution>& reads) {
        std::vector<Overhang> overhang(of_.shape().size());
        for (const Contribution& read : reads)
            for (std::size_t d = 0; d < overhang.size(); ++d) {
                const Overhang here = overhang_of(read.left[d], of_.shape()[d].expr(), read.domain, where_);
                overhang[d].low = simplify(max(overhang[d].low, here.low));
                overhang[d].high = simplify(max(overhang[d].high, here.high));
            }
        std::vector<Extent> shape = of_.shape();
        std::vector<Contribution> parts = reads;
        for (std::size_t d = 0; d < overhang.size(); ++d) {
            if (!overhang[d].any()) continue;
            shape[d] = Extent(shape[d].expr() + overhang[d].low + overhang[d].high);
            for (Contribution& part : parts) part.left[d] = simplify(part.left[d] + overhang[d].low);
        }
        const ScalarType type = compute_type(of_.type());
        for (std::size_t d = 0; d < overhang.size(); ++d) {
            if (!overhang[d].any()) continue;
            const AnyTensor padded = adjoint_tensor(name_(of_.name() + "_padded"), type, shape, parts, where_);
            shape[d] = of_.shape()[d];
            parts = fold_dimension(padded, shape, d, overhang[d]);
        }
        return parts;
    }

private:
    std::vector<Contribution> fold_dimension(const AnyTensor& padded, const std::vector<Extent>& shape, std::size_t d,
                                             const Overhang& overhang) const {
        Contribution inside;
        for (std::size_t each = 0; each < shape.size(); ++each) {
            const Symbol symbol(fmt::format("i{}", each), SymbolKind::free, shape[each].expr().handle());
            inside.left.push_back(Expr(symbol));
            inside.domain.push_back({symbol, shape[each], false});
        }
        const Expr i = inside.left[d], size = shape[d].expr(), &low = overhang.low, &high = overhang.high;
        const auto at = [&](const Expr& index, BoundaryMode mode) {
            std::vector<Expr> indices = inside.left;
            indices[d] = simplify(index);
            return Expr(Access(padded.node(), indices, {mode}));
        };
        const Expr nothing = Expr::floating(0, compute_type(padded.type()));
        const auto from = [&](const Expr& index) { return at(index, BoundaryMode::zero); };
        Expr sum = at(i + low, BoundaryMode::none);
        const bool leaves_low = !is_const(low, 0), leaves_high = !is_const(high, 0);
        switch (mode_) {
            case BoundaryMode::circular:
                if (leaves_high) sum = sum + from(i + low + size);
                if (leaves_low) sum = sum + from(i + low - size);
                break;
            case BoundaryMode::symmetric:
                if (leaves_low) sum = sum + from(low - 1 - i);
                if (leaves_high) sum = sum + from(2 * size - 1 - i + low);
                break;
            case BoundaryMode::reflect:
                if (leaves_low) sum = sum + select(1 <= i, from(low - i), nothing);
                if (leaves_high) sum = sum + select(i <= size - 2, from(2 * size - 2 - i + low), nothing);
                break;
            default:
                break;
        }
        inside.right = sum;
        std::vector<Contribution> parts = {inside};
        if (mode_ == BoundaryMode::replicate) {
            if (leaves_low) parts.push_back(edge(inside, padded, d, 0, 0, low));
            if (leaves_high) parts.push_back(edge(inside, padded, d, size - 1, low + size, high));
        }
        return parts;
    }

    /// An edge element sums the overhang beside it: `count` elements of the padded tensor from `first` on.
    static Contribution edge(const Contribution& inside, const AnyTensor& padded, std::size_t d, const Expr& element,
                             const Expr& first, const Expr& count) {
        Contribution part = inside;
        const Symbol t("t", SymbolKind::reduction, Extent(count).expr().handle());
        std::vector<Expr> indices = inside.left;
        indices[d] = simplify(first + Expr(t));
        part.left[d] = simplify(element);
        part.domain[d] = {t, Extent(count), true};
        part.right = Access(padded.node(), indices);
        return part;
    }

    const AnyTensor& of_;
    BoundaryMode mode_;
    const std::function<std::string(const std::string&)>& name_;
    const SourceLocation& where_;
};

}  // namespace

std::vector<Contribution> folded_contributions(const AnyTensor& of, BoundaryMode mode,
                                               const std::vector<Contribution>& reads,
                                               const std::function<std::string(const std::string&)>& name,
                                               const SourceLocation& where) {
    return Fold(of, mode, name, where).run(reads);
}

}  // namespace heddle
