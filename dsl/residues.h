// dsl/residues.h -- one linear equation between integers, solved for a variable by residue classes.
//
// s * p + t_1 * r_1 + t_2 * r_2 + ... = X has a whole p exactly where s divides X - sum(t_i * r_i). The r_i are taken
// one after the other. With g = gcd(t_1, s), r_1 can make up for what the others leave exactly when g divides it, and
// is then known modulo s / g: r_1 = q(X mod s, ...) + (s / g) * a, with a new variable a in place of r_1. What is left
// is the same question about g and the other r_i. Where no r_i is left and the modulus is not yet 1, the remainder
// of X must be 0. Example: 2 * p + r = i + 1 gives r = (i + 1) % 2 + 2 * a and p = (i + 1) / 2 - a.
#pragma once

#include <functional>
#include <vector>

#include "dsl/extent.h"

namespace heddle {

/// factor * symbol, the symbol in [0, extent).
struct IntegerTerm {
    Symbol symbol;
    std::int64_t factor;
    Expr extent;
};

/// A variable known modulo `step`: value = (something in [0, step)) + step * variable.
struct RefinedVariable {
    Symbol symbol;    ///< what is replaced
    Expr value;       ///< over the new variable; at least 0, maybe past the end of the symbol's range
    Symbol variable;  ///< undefined where it could only be 0
    Expr extent;      ///< of the new variable
};

struct ResidueSolution {
    Expr value;                            ///< of the eliminated variable: exact where all remainders are 0
    std::vector<RefinedVariable> refined;  ///< in the order in which they were taken
    std::vector<Expr> remainders;          ///< that must be 0: what no variable could make up for
};

/// Solves factor * p + sum(others) = known for p; `new_variable` makes a variable of the given extent.
ResidueSolution solve_by_residues(std::int64_t factor, const std::vector<IntegerTerm>& others, const Expr& known,
                                  const std::function<Symbol(const Expr& extent)>& new_variable);

}  // namespace heddle
