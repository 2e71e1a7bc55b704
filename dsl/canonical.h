// dsl/canonical.h -- the parts of the canonical form that are arithmetic rather than rules: sums, quotients,
// comparisons.
#pragma once

#include "dsl/bounds.h"
#include "dsl/expr.h"

namespace heddle {

/// An i64 sum in the order of its terms, with `c * (x / c) + x % c` joined to x; the same handle when it is one
/// already.
Expr canonical_sum(const Expr& e);

/// A quotient or modulo of i64 by a literal, one step closer to its form (undefined: it is there):
///   (c*x + y) / c     -> x + y/c               multiples of the divisor leave
///   (g*x + y) / (g*d) -> (x + k) / d           where y stays in [g*k, g*k + g)
///   (g*x + y) % (g*d) -> g*((x + k) % d) + y - g*k
///   x / c             -> k                     where x stays in [c*k, c*k + c)
Expr canonical_quotient(const Binary& node, Bounds& bounds);

/// An i64 comparison with everything gathered and the common factor divided out: `x < 4`, `3 <= p + r`, `p <= q + 2`,
/// `p == q - 1`; a literal where the common factor decides it. The same handle when it is in this form.
Expr canonical_comparison(const Expr& e);

/// The sum that is at least 0 exactly where an i64 comparison `<` or `<=` holds.
Linear slack_of(const Binary& comparison);

}  // namespace heddle
