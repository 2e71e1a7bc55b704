// dsl/split_quotients.h -- variables split so that quotients and remainders of written indices vanish.
#pragma once

#include <vector>

#include "dsl/definition.h"

namespace heddle {

struct SplitQuotients {
    std::vector<Expr> left, right;
    std::vector<DomainVar> domain;
    std::vector<Symbol> not_below, not_above;  ///< new variables that are never outside on that side where a point
                                               ///< takes part: the one that they came from is tested
};

/// The ranges of a domain, but a variable with one value only may be any: it stays in what is simplified, so that reads
/// can test what takes its place.
Ranges ranges_that_keep(const std::vector<DomainVar>& domain);

/// With p = c * p1 + p0 - b in place of p, `(p + b) / c` is p1 and `(p + b) % c` is p0. Points at which p leaves its
/// range take no part. What does not vanish stays. Example:
///     u[p/2] += x[p]      gives      u[p1] += skip(x)[2*p1+p0]
SplitQuotients split_quotients(const std::vector<Expr>& left, UpdateOp op, const std::vector<Expr>& right,
                               const Reducer& reducer, const std::vector<DomainVar>& domain);

}  // namespace heddle
