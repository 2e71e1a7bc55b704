// dsl/derivative_form.h -- derivatives as sums of products, with what cancels and what they share taken out.
//
// Float algebra is that of real numbers here: a derivative is defined up to rounding.
#pragma once

#include <functional>
#include <vector>

#include "dsl/expr.h"

namespace heddle {

/// coefficient * numerators / denominators.
struct DerivativeProduct {
    double coefficient = 1;
    std::vector<Expr> numerators, denominators;
    /// The product as an expression of a type.
    Expr expr(ScalarType type) const;
};

/// The factors of a product, those that cancel left out.
DerivativeProduct product_of_factors(const Expr& e);

/// A sum of products with the factors that all terms share outside of it: `p * g - select(i == c, g, 0)` becomes
/// `(p - select(i == c, 1, 0)) * g`. A single product without what cancels; others come back as they are.
Expr factored(const Expr& e);

/// Few operations, none of them slow: may be computed again by each reader.
bool is_cheap(const Expr& e);

}  // namespace heddle
