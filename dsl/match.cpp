// dsl/match.cpp -- matching of expressions against the patterns of rules.
#include <algorithm>

#include "dsl/linear.h"
#include "dsl/simplify_rules.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

const Expr* binding_of(const Symbol& symbol, const Bindings& bindings) {
    for (const auto& [bound, value] : bindings)
        if (bound == symbol) return &value;
    return nullptr;
}

bool bind_wildcard(const Symbol& symbol, const Expr& e, Bindings& bindings) {
    if (const Expr* bound = binding_of(symbol, bindings)) return equal(*bound, e);
    if (is_literal_wildcard(symbol) && !e.as<IntImm>()) return false;
    bindings.emplace_back(symbol, e);
    return true;
}

/// Runs a match and takes back what it bound when it fails.
template <class F>
bool attempt(Bindings& bindings, F&& run) {
    const std::size_t before = bindings.size();
    if (run()) return true;
    bindings.resize(before, {});
    return false;
}

/// The term over a single product, when it divides: 6*n*N over 2*N is 3*n.
std::optional<Linear> term_over(const LinearTerm& term, const Expr& divisor) {
    const Linear by = linear_of(divisor);
    if (by.terms.empty() && by.constant != 0 && term.factor % by.constant == 0)
        return Linear{{{term.product, term.factor / by.constant}}, 0, false};
    if (by.terms.size() != 1 || by.constant != 0 || term.factor % by.terms[0].factor != 0) return std::nullopt;
    std::vector<Expr> atoms = atoms_of(term.product);
    for (const Expr& atom : atoms_of(by.terms[0].product)) {
        const auto found = std::find_if(atoms.begin(), atoms.end(), [&](const Expr& a) { return equal(a, atom); });
        if (found == atoms.end()) return std::nullopt;
        atoms.erase(found);
    }
    return product_of(std::move(atoms), term.factor / by.terms[0].factor);
}

bool match_term(const Expr& pattern, const LinearTerm& term, Bindings& bindings) {
    const Binary* node = pattern.as<Binary>();
    if (!node || node->op != BinaryOp::mul) return term.factor == 1 && match(pattern, term.product, bindings);
    const Symbol& factor = node->b.as<Variable>()->symbol;
    if (const Expr* bound = binding_of(factor, bindings)) {
        const std::optional<Linear> quotient = term_over(term, *bound);
        return quotient && match(node->a, to_expr(*quotient), bindings);
    }
    return bind_wildcard(factor, Expr(term.factor), bindings) && match(node->a, term.product, bindings);
}

/// `p + y`: any one term as p, the rest as y.
bool match_sum(const Binary& pattern, const Expr& e, Bindings& bindings) {
    const Linear sum = linear_of(e);
    if (sum.overflow) return false;
    for (std::size_t i = 0; i < sum.terms.size(); ++i) {
        const bool found = attempt(bindings, [&] {
            if (!match_term(pattern.a, sum.terms[i], bindings)) return false;
            Linear rest = sum;
            rest.terms.erase(rest.terms.begin() + static_cast<std::ptrdiff_t>(i));
            return match(pattern.b, to_expr(rest), bindings);
        });
        if (found) return true;
    }
    return false;
}

bool commutes(BinaryOp op) {
    switch (op) {
        case BinaryOp::add:
        case BinaryOp::mul:
        case BinaryOp::min:
        case BinaryOp::max:
        case BinaryOp::eq:
        case BinaryOp::ne:
            return true;
        default:
            return false;
    }
}

bool match_binary(const Binary& pattern, const Expr& e, Bindings& bindings) {
    if (pattern.op == BinaryOp::add && e.type() == i64 && !pattern.b.as<IntImm>())
        return match_sum(pattern, e, bindings);
    const Binary* node = e.as<Binary>();
    if (!node || node->op != pattern.op) return false;
    const auto in_order = [&](const Expr& first, const Expr& second) {
        // The right operand first: a divisor says which multiples to look for on the left.
        return attempt(bindings,
                       [&] { return match(pattern.b, second, bindings) && match(pattern.a, first, bindings); });
    };
    return in_order(node->a, node->b) || (commutes(pattern.op) && in_order(node->b, node->a));
}

bool match_literal(std::int64_t value, const Expr& e) {
    if (const FloatImm* literal = e.as<FloatImm>()) return value != 0 && literal->value == static_cast<double>(value);
    return is_const(e, value);
}

}  // namespace

bool is_literal_wildcard(const Symbol& symbol) { return symbol.name()[0] == 'c'; }

const Variable* flag_of(const Expr& pattern) {
    const Cast* cast = pattern.as<Cast>();
    return cast && cast->to == boolean ? cast->operand.as<Variable>() : nullptr;
}

bool match(const Expr& pattern, const Expr& e, Bindings& bindings) {
    if (const Variable* variable = pattern.as<Variable>())
        return e.type() != boolean && bind_wildcard(variable->symbol, e, bindings);
    if (const Variable* variable = flag_of(pattern))
        return e.type() == boolean && bind_wildcard(variable->symbol, e, bindings);
    if (const IntImm* literal = pattern.as<IntImm>()) return match_literal(literal->value, e);
    if (const Binary* node = pattern.as<Binary>()) return match_binary(*node, e, bindings);
    if (pattern.kind() != e.kind()) return false;
    if (const Unary* node = pattern.as<Unary>(); node && node->op != e.as<Unary>()->op) return false;
    if (const Cast* node = pattern.as<Cast>(); node && node->to != e.as<Cast>()->to) return false;
    const std::vector<Expr> patterns = operands_of(pattern), operands = operands_of(e);
    return attempt(bindings, [&] {
        for (std::size_t i = 0; i < patterns.size(); ++i)
            if (!match(patterns[i], operands[i], bindings)) return false;
        return true;
    });
}

Expr instantiate(const Expr& pattern, const Bindings& bindings) {
    return rewrite(pattern, [&](const Expr& node) -> Expr {
        if (const Variable* variable = node.as<Variable>()) return *binding_of(variable->symbol, bindings);
        const Cast* cast = node.as<Cast>();
        return cast && cast->to == cast->operand.type() ? cast->operand : Expr();
    });
}

bool have_types(const Bindings& bindings, RuleTypes types) {
    return std::all_of(bindings.begin(), bindings.end(), [&](const auto& binding) {
        const ScalarType type = binding.second.type();
        return type == boolean || types == RuleTypes::any ||
               (types == RuleTypes::integers ? is_integer(type) : type == i64);
    });
}

}  // namespace heddle
