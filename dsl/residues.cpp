// dsl/residues.cpp -- one linear equation between integers, solved for a variable by residue classes.
#include "dsl/residues.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "dsl/integer.h"
#include "dsl/simplify.h"
#include "runtime/error.h"

namespace heddle {
namespace {

/// The x in [0, modulus) with value * x = 1 modulo `modulus`, to which `value` has no common factor.
std::int64_t inverse_of(std::int64_t value, std::int64_t modulus) {
    std::int64_t a = floor_mod(value, modulus), b = modulus, x = 1, y = 0;
    while (b != 0) {
        const std::int64_t quotient = a / b;
        std::tie(a, b) = std::pair(b, a - quotient * b);
        std::tie(x, y) = std::pair(y, x - quotient * y);
    }
    return floor_mod(x, modulus);
}

class Solver {
public:
    Solver(ResidueSolution& solution, const std::function<Symbol(const Expr&)>& new_variable)
        : solution_(solution), new_variable_(new_variable) {}

    /// (known - sum(terms)) / modulus, exact where all remainders are 0.
    Expr divide(const Expr& known, std::int64_t modulus, std::vector<IntegerTerm> terms) {
        const auto shared = [&](const IntegerTerm& t) { return std::gcd(t.factor, modulus); };
        const auto best = std::min_element(terms.begin(), terms.end(),
                                           [&](const auto& a, const auto& b) { return shared(a) < shared(b); });
        if (modulus == 1 || best == terms.end() || shared(*best) == modulus) return finish(known, modulus, terms);
        const IntegerTerm term = *best;
        terms.erase(best);
        const std::int64_t common = std::gcd(term.factor, modulus);
        return refine(term, divide(known, common, std::move(terms)), modulus / common, term.factor / common);
    }

private:
    /// All terms are multiples of the modulus.
    Expr finish(const Expr& known, std::int64_t modulus, const std::vector<IntegerTerm>& terms) {
        if (modulus > 1) solution_.remainders.push_back(known % modulus);
        Expr sum = known / modulus;
        for (const IntegerTerm& t : terms) sum = sum - Expr(t.symbol) * (t.factor / modulus);
        return sum;
    }

    /// (rest - factor * r) / step, with r chosen so that it is whole; factor and step have no common factor.
    Expr refine(const IntegerTerm& term, const Expr& rest, std::int64_t step, std::int64_t factor) {
        const std::int64_t inverse = inverse_of(factor, step);
        Expr residue, quotient;
        if (factor == -1 || (inverse == step - 1 && step > 2)) {
            residue = (-rest) % step;
            quotient = (rest + (step - 1)) / step - residue * ((factor + 1) / step);
        } else if (inverse == 1) {
            residue = rest % step;
            quotient = rest / step - residue * ((factor - 1) / step);
        } else {
            residue = (rest * inverse) % step;
            quotient = (rest - residue * factor) / step;
        }
        RefinedVariable refined{term.symbol, residue, {}, simplify((term.extent + (step - 1)) / step)};
        if (!is_const(refined.extent, 1)) {
            refined.variable = new_variable_(refined.extent);
            refined.value = residue + Expr(refined.variable) * step;
            quotient = quotient - Expr(refined.variable) * factor;
        }
        solution_.refined.push_back(refined);
        return quotient;
    }

    ResidueSolution& solution_;
    const std::function<Symbol(const Expr&)>& new_variable_;
};

}  // namespace

ResidueSolution solve_by_residues(std::int64_t factor, const std::vector<IntegerTerm>& others, const Expr& known,
                                  const std::function<Symbol(const Expr&)>& new_variable) {
    require(factor != 0, "an equation is solved for a variable that it has");
    ResidueSolution solution;
    Solver solver(solution, new_variable);
    if (factor > 0) {
        solution.value = solver.divide(known, factor, others);
        return solution;
    }
    std::vector<IntegerTerm> mirrored = others;
    for (IntegerTerm& t : mirrored) t.factor = -t.factor;
    solution.value = solver.divide(-known, -factor, mirrored);
    return solution;
}

}  // namespace heddle
