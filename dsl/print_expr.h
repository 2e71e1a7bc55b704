// dsl/print_expr.h -- expressions as text, with names chosen by the caller.
#pragma once

#include <optional>
#include <string>

#include "dsl/boundary.h"
#include "dsl/expr.h"
#include "dsl/names.h"

namespace heddle {

enum class Spacing { wide, compact };  ///< `a * b + 1` in values, `a*b+1` in indices

/// Binding strength of the text form's operators, weakest first, as in C. An unbracketed negative literal binds as
/// `prefix`.
enum class Strength { none, logical_or, logical_and, equality, comparison, sum, product, prefix, primary };
/// Of an operator written between its operands; `primary` of those written as functions (min, max, pow).
Strength strength_of(BinaryOp op);

/// The expression in the text form. `expected` is the type that a bare literal would take in this place (nothing:
/// none); a literal of another type carries its own, as in 2i32. Brackets are added when it binds weaker than
/// `at_least`.
std::string print_expr(const Expr& e, Names& names, Spacing spacing = Spacing::wide,
                       std::optional<ScalarType> expected = {}, Strength at_least = Strength::none);
/// An index: compact, and without the conversion to i64 that every index gets.
std::string print_index(const Expr& index, Names& names);
/// The shortest digits that read back as the same value of the type: 0.1, 2.0, 1e+20, -inf, nan.
std::string print_float(double value, ScalarType type = ScalarType::f64);
/// The tensor of a read with its boundary: x, zero(x), constant(x, 1.5).
std::string print_read_tensor(const Read& read, Names& names);

}  // namespace heddle
