// codegen/c_text.h -- names, types and index expressions as C, for the headers and sources of exported operators.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "dsl/expr.h"

namespace heddle {

/// True for a word that C and C++ take as the name of a function: an identifier, and no keyword of either.
bool is_c_name(std::string_view word);

/// Names of one scope, each unequal to those before it and to the keywords of C and C++.
class CNames {
public:
    /// `wanted` with what C does not allow as '_', and a number behind it where that is taken.
    std::string unique(std::string_view wanted);

private:
    std::set<std::string, std::less<>> taken_;
};

/// "float", "int64_t"; bits of the 16-bit floats are "uint16_t", a boolean is "uint8_t", 0 or 1.
std::string c_type(ScalarType type);

/// An integer expression over run-time sizes as C in int64_t. Division and modulo of what may be negative call
/// `floor_div` and `floor_mod`, minima and maxima `smaller` and `larger` (c_helpers).
std::string c_integer(const Expr& e, const std::map<Symbol, std::string>& names);
/// Those of the functions that occur in a text, as static functions of C.
std::string c_helpers(std::string_view text);

}  // namespace heddle
