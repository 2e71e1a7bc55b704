// dsl/domain.h -- the variables of a definition with their extents, in the order of the contract.
#pragma once

#include <memory>
#include <vector>

#include "dsl/definition.h"

namespace heddle {

/// The domain of `left = right`, where `left` indexes `target`. A declared extent counts before all; else a variable's
/// bare occurrences give its extent, the left's first, and must agree. Throws UserError where they do not, and for a
/// variable that has neither.
std::vector<DomainVar> infer_domain(const TensorNode& target, const std::vector<Expr>& left,
                                    const std::vector<Expr>& right, const SourceLocation& where);

/// Proves that no two points of the domain have the same values of `left`; the variables that may collide otherwise.
/// A set of variables is told apart by an affine index whose coefficients, sorted, each exceed what the smaller terms
/// can sum to (a mixed-radix number); what one index tells apart is known in the others.
std::vector<Symbol> colliding_variables(const std::vector<Expr>& left, const std::vector<DomainVar>& domain);

/// Throws UserError unless all reads in `e` lie inside their tensors, or within what their boundary can fold.
/// Conditions of `select`, `&&` and `||` count for what they guard.
void check_reads(const Expr& e, const std::vector<DomainVar>& domain, const SourceLocation& where);

}  // namespace heddle
