// dsl/affine.h -- integer expressions as sums of constants times symbols.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "dsl/expr.h"

namespace heddle {

/// constant + sum(coefficient * symbol), no coefficient 0.
struct Affine {
    std::map<Symbol, std::int64_t> terms;
    std::int64_t constant = 0;

    std::int64_t coefficient(const Symbol& symbol) const;
    bool is_constant() const { return terms.empty(); }
    bool operator==(const Affine&) const = default;
};

/// The affine form of an i64 expression, if it has one (products with a constant, exact divisions and foldable
/// modulos included).
std::optional<Affine> affine_of(const Expr& e);
/// Back to an expression, terms in order of symbol, positive ones first.
Expr to_expr(const Affine& affine);
Affine operator+(const Affine& a, const Affine& b);
Affine operator*(const Affine& a, std::int64_t factor);

}  // namespace heddle
