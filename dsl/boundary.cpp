// dsl/boundary.cpp -- reads outside of a tensor as indices inside it, a test and a value; which points take part.
#include "dsl/boundary.h"

#include "dsl/definition.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool holds(const Expr& condition, const Ranges& ranges) { return prove(condition, ranges) == true; }

/// `0 <= index < extent`, without what the ranges prove.
Expr inside_of(const Expr& index, const Expr& extent, const Ranges& ranges) {
    const Expr low = Expr(0) <= index, high = index < extent;
    return (holds(low, ranges) ? Expr(true) : low) && (holds(high, ranges) ? Expr(true) : high);
}

Expr inside_of(const Read& read, const Ranges& ranges) {
    Expr inside(true);
    for (std::size_t d = 0; d < read.indices.size(); ++d)
        inside = inside && inside_of(read.indices[d], (*read.tensor->shape)[d].expr(), ranges);
    return inside;
}

/// An index of a folding boundary, moved inside: each side only where the ranges do not exclude it.
Expr fold(const Expr& index, const Expr& extent, BoundaryMode mode, const Ranges& ranges) {
    const bool below = !holds(Expr(0) <= index, ranges), above = !holds(index < extent, ranges);
    Expr folded = index;
    switch (mode) {
        case BoundaryMode::replicate:
            if (below) folded = max(folded, 0);
            if (above) folded = min(folded, extent - 1);
            return folded;
        case BoundaryMode::reflect:  // i, -i, 2(N-1)-i
            if (below) folded = max(folded, -folded);
            if (above) folded = min(folded, 2 * extent - 2 - folded);
            return folded;
        case BoundaryMode::symmetric:  // i, -1-i, 2N-1-i
            if (below) folded = max(folded, -1 - folded);
            if (above) folded = min(folded, 2 * extent - 1 - folded);
            return folded;
        case BoundaryMode::circular:
            return below || above ? folded % extent : folded;
        default:
            return folded;
    }
}

Expr literal(double value, ScalarType type) {
    return is_float(type) ? Expr::floating(value, type) : Expr::integer(static_cast<std::int64_t>(value), type);
}

/// The reads with a `zero` boundary whose value multiplies the whole of `e`.
void zero_factors(const Expr& e, std::vector<const Read*>& found) {
    if (const Read* read = e.as<Read>()) {
        if (read->boundary.mode == BoundaryMode::zero) found.push_back(read);
    } else if (const Binary* product = e.as<Binary>(); product && product->op == BinaryOp::mul) {
        zero_factors(product->a, found);
        zero_factors(product->b, found);
    } else if (const Unary* negation = e.as<Unary>(); negation && negation->op == UnaryOp::negate) {
        zero_factors(negation->operand, found);
    } else if (const Cast* conversion = e.as<Cast>()) {
        zero_factors(conversion->operand, found);
    } else if (const StopGradient* constant = e.as<StopGradient>()) {
        zero_factors(constant->operand, found);
    }
}

}  // namespace

std::string_view name_of(BoundaryMode mode) {
    switch (mode) {
        case BoundaryMode::none:
            return "none";
        case BoundaryMode::zero:
            return "zero";
        case BoundaryMode::constant:
            return "constant";
        case BoundaryMode::replicate:
            return "replicate";
        case BoundaryMode::reflect:
            return "reflect";
        case BoundaryMode::symmetric:
            return "symmetric";
        case BoundaryMode::circular:
            return "circular";
        case BoundaryMode::skip:
            return "skip";
    }
    throw InternalError("an unknown boundary mode");
}

ResolvedRead resolve_boundary(const Read& read, const std::vector<DomainVar>& domain) {
    const Ranges ranges = ranges_of(domain);
    ResolvedRead resolved{read.indices, Expr(true), Expr()};
    switch (read.boundary.mode) {
        case BoundaryMode::none:
            break;
        case BoundaryMode::zero:
        case BoundaryMode::constant:
            resolved.inside = inside_of(read, ranges);
            resolved.outside = literal(read.boundary.mode == BoundaryMode::zero ? 0 : read.boundary.value,
                                       compute_type(read.tensor->type));
            break;
        case BoundaryMode::skip:
            resolved.inside = inside_of(read, ranges);
            break;
        default:
            for (std::size_t d = 0; d < read.indices.size(); ++d)
                resolved.indices[d] =
                    fold(read.indices[d], (*read.tensor->shape)[d].expr(), read.boundary.mode, ranges);
    }
    return resolved;
}

Expr participation(const Definition& definition) {
    std::vector<const Read*> reads;
    const auto collect_skips = [&](const Expr& root) {
        for_each_node(root, [&](const Expr& e) {
            if (const Read* read = e.as<Read>(); read && read->boundary.mode == BoundaryMode::skip)
                reads.push_back(read);
        });
    };
    for (const Expr& index : definition.left) collect_skips(index);
    for (const Expr& value : definition.right) collect_skips(value);
    if (definition.op == UpdateOp::add) zero_factors(definition.right[0], reads);

    const Ranges ranges = ranges_of(definition.domain);
    Expr condition(true);
    for (const Read* read : reads) condition = condition && inside_of(*read, ranges);
    return condition;
}

}  // namespace heddle
