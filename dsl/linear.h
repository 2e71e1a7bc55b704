// dsl/linear.h -- i64 expressions as sums of constants times products of atoms.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dsl/expr.h"

namespace heddle {

/// factor * product. A product has one atom or more: an i64 expression that is not itself a sum, a difference or a
/// product (a variable, a quotient, a minimum, a read, ...), in the order of compare().
struct LinearTerm {
    Expr product;
    std::int64_t factor;
};

/// constant + sum of terms, products distinct and in the order of compare(), no factor 0. The numbers are whole
/// numbers, not numbers modulo 2^64: `overflow` is set when one does not fit or is an end of i64, and the rest then
/// means nothing.
struct Linear {
    std::vector<LinearTerm> terms;
    std::int64_t constant = 0;
    bool overflow = false;
};

/// A total order of expressions by structure: negative, 0 (equal) or positive. Variables come in order of symbol.
int compare(const Expr& a, const Expr& b);

/// Sums, differences, negations and products multiplied out (up to 16 terms); everything else is an atom.
Linear linear_of(const Expr& e);
/// Positive terms first, then negative ones, then the constant: `p + r - 1`.
Expr to_expr(const Linear& linear);

Linear operator+(const Linear& a, const Linear& b);
Linear operator-(const Linear& a, const Linear& b);
Linear operator*(const Linear& a, std::int64_t factor);
Linear operator*(const Linear& a, const Linear& b);

/// The atoms of a product.
std::vector<Expr> atoms_of(const Expr& product);
/// The product of atoms and a factor.
Linear product_of(std::vector<Expr> atoms, std::int64_t factor);
/// The greatest common divisor of the factors (the constant not counted); 0 when there are no terms.
std::int64_t common_factor(const Linear& linear);
/// All factors and the constant divided by one that divides them.
Linear divide_exactly(Linear linear, std::int64_t divisor);

}  // namespace heddle
