// dsl/bounds.cpp -- the search for a lower bound of a sum.
#include "dsl/bounds.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "dsl/integer.h"
#include "dsl/interval_arithmetic.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t minus_infinity = Interval::minus_infinity;

Linear linear_constant(std::int64_t value) { return {{}, value, false}; }

/// The sum without term `index`.
Linear without(const Linear& sum, std::size_t index) {
    Linear rest = sum;
    rest.terms.erase(rest.terms.begin() + static_cast<std::ptrdiff_t>(index));
    return rest;
}

std::vector<Symbol> symbols_of(const Linear& sum) {
    std::vector<Symbol> symbols;
    for (const LinearTerm& term : sum.terms)
        for (const Symbol& symbol : symbols_of(term.product)) symbols.push_back(symbol);
    std::sort(symbols.begin(), symbols.end());
    symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
    return symbols;
}

Linear substitute(const Linear& sum, const Symbol& symbol, const Expr& value) {
    Linear result = linear_constant(sum.constant);
    result.overflow = sum.overflow;
    for (const LinearTerm& term : sum.terms) {
        const Expr changed = substitute(term.product, {{symbol, value}});
        const bool has_form = changed.same_as(term.product) || term.product.kind() == ExprKind::Variable;
        result = result + linear_of(has_form ? changed : simplify(changed)) * term.factor;
    }
    return result;
}

/// Atom `index` of a product taken out: what remains, as a sum of one term.
Linear cofactor(std::vector<Expr> atoms, std::size_t index, std::int64_t factor) {
    atoms.erase(atoms.begin() + static_cast<std::ptrdiff_t>(index));
    return product_of(std::move(atoms), factor);
}

}  // namespace

void Bounds::assume(const Linear& sum) {
    if (sum.overflow || facts_.size() == 32) return;
    facts_.push_back(sum);
    intervals_.clear();
}

const Bounds::Ends& Bounds::ends_of(const Symbol& symbol) {
    const auto known = ends_.find(symbol);
    if (known != ends_.end()) return known->second;
    Ends ends;
    if (const auto range = ranges_.find(symbol); range != ranges_.end()) {
        if (range->second.min.defined()) ends.min = simplify(range->second.min);
        if (range->second.max.defined()) ends.max = simplify(range->second.max);
    } else if (symbol.kind() == SymbolKind::parameter) {
        ends = {Expr(symbol.min()), Expr(symbol.max())};
    }
    return ends_.emplace(symbol, std::move(ends)).first->second;
}

std::int64_t Bounds::lower(const Linear& sum, std::int64_t goal) {
    if (sum.overflow) return minus_infinity;
    if (sum.terms.empty()) return sum.constant;
    if (depth_ == 0) steps_ = most_steps;
    ++depth_;
    const std::int64_t best = search(sum, goal);
    --depth_;
    return best;
}

std::int64_t Bounds::search(const Linear& sum, std::int64_t goal) {
    if (sum.overflow) return minus_infinity;
    std::int64_t best = interval_of_terms(sum).min;
    if (best >= goal || sum.terms.empty() || --steps_ < 0) return best;
    best = std::max(best, by_fact(sum, goal));
    if (best >= goal) return best;
    const auto [settled, rest] = part_settled(sum);
    if (rest.terms.empty()) return best;
    if (!settled.terms.empty()) {
        const std::int64_t known = interval_of_terms(settled).min;
        return known == minus_infinity ? best : std::max(best, search(rest + linear_constant(known), goal));
    }
    bool found = false;
    best = std::max(best, by_symbol(sum, goal, found));
    return found ? best : std::max(best, by_atom(sum, goal));
}

std::pair<Linear, Linear> Bounds::part_settled(const Linear& sum) {
    std::vector<std::vector<Symbol>> used;
    std::map<Symbol, int> count;
    for (const LinearTerm& term : sum.terms) {
        used.push_back(symbols_of(term.product));
        for (const Symbol& symbol : used.back()) ++count[symbol];
    }
    const auto mention = [&](const Expr& end) {
        if (!end.defined() || end.as<IntImm>()) return false;
        for (const Symbol& symbol : symbols_of(end)) ++count[symbol];
        return true;
    };
    std::set<Symbol> varying;  // with an end that is not a number
    for (std::size_t i = 0; i < used.size(); ++i)
        for (const Symbol& symbol : used[i]) {
            const Ends& ends = ends_of(symbol);
            const bool min_varies = mention(ends.min), max_varies = mention(ends.max);
            if (min_varies || max_varies) varying.insert(symbol);
        }
    Linear settled, rest;
    rest.constant = sum.constant;
    for (std::size_t i = 0; i < used.size(); ++i) {
        const bool alone = std::all_of(used[i].begin(), used[i].end(), [&](const Symbol& symbol) {
            return count[symbol] == 1 && !varying.contains(symbol);
        });
        (alone ? settled : rest).terms.push_back(sum.terms[i]);
    }
    return {settled, rest};
}

std::int64_t Bounds::by_fact(const Linear& sum, std::int64_t goal) {
    std::int64_t best = minus_infinity;
    for (std::size_t i = 0; i < facts_.size() && best < goal && steps_ >= 0; ++i) {
        if (used_facts_ & 1u << i) continue;
        std::int64_t times = 0;  // cancels a term that both have
        for (const LinearTerm& known : facts_[i].terms)
            for (const LinearTerm& term : sum.terms)
                if (times == 0 && term.factor % known.factor == 0 && term.factor / known.factor > 0 &&
                    equal(known.product, term.product))
                    times = term.factor / known.factor;
        if (times == 0) continue;
        used_facts_ |= 1u << i;
        best = std::max(best, search(sum - facts_[i] * times, goal));
        used_facts_ &= ~(1u << i);
    }
    return best;
}

std::optional<int> Bounds::direction(const Linear& sum, const Symbol& symbol) {
    Linear slope = linear_constant(0);  // what multiplies the symbol where it stands bare
    int result = 0;
    const auto agree = [&](int sign) {
        if (sign == 0) return true;
        if (result == 0) result = sign;
        return result == sign;
    };
    for (const LinearTerm& term : sum.terms) {
        if (!uses(term.product, symbol)) continue;
        const std::vector<Expr> atoms = atoms_of(term.product);
        const auto users = std::count_if(atoms.begin(), atoms.end(), [&](const Expr& a) { return uses(a, symbol); });
        if (users != 1) return std::nullopt;
        const auto user = std::find_if(atoms.begin(), atoms.end(), [&](const Expr& a) { return uses(a, symbol); });
        const Linear rest = cofactor(atoms, static_cast<std::size_t>(user - atoms.begin()), term.factor);
        if (user->kind() == ExprKind::Variable) {
            slope = slope + rest;
            continue;
        }
        const std::optional<int> inner = direction(*user, symbol);
        const int sign = interval_of_terms(rest).min >= 0 ? 1 : interval_of_terms(rest).max <= 0 ? -1 : 0;
        if (!inner || sign == 0 || !agree(*inner * sign)) return std::nullopt;
    }
    if (slope.overflow) return std::nullopt;
    if (slope.terms.empty())
        return agree((slope.constant > 0) - (slope.constant < 0)) ? std::optional(result) : std::nullopt;
    if (search(slope, 0) >= 0) return agree(1) ? std::optional(result) : std::nullopt;
    if (search(slope * -1, 0) >= 0) return agree(-1) ? std::optional(result) : std::nullopt;
    return std::nullopt;
}

std::optional<int> Bounds::direction(const Expr& e, const Symbol& symbol) {
    if (!uses(e, symbol)) return 0;
    const Binary* node = e.as<Binary>();
    if (!node || e.type() != i64) return std::nullopt;
    if (node->op == BinaryOp::div && !uses(node->b, symbol) && interval(node->b).min >= 1)
        return direction(linear_of(node->a), symbol);
    if (node->op == BinaryOp::min || node->op == BinaryOp::max) {
        const std::optional<int> a = direction(linear_of(node->a), symbol), b = direction(linear_of(node->b), symbol);
        if (a && b && *a * *b >= 0) return *a != 0 ? a : b;
    }
    return std::nullopt;
}

std::int64_t Bounds::by_symbol(const Linear& sum, std::int64_t goal, bool& found) {
    const std::vector<Symbol> symbols = symbols_of(sum);
    const auto used_by_another_range = [&](const Symbol& symbol) {
        return std::any_of(symbols.begin(), symbols.end(), [&](const Symbol& other) {
            const Ends& ends = ends_of(other);
            return (ends.min.defined() && uses(ends.min, symbol)) || (ends.max.defined() && uses(ends.max, symbol));
        });
    };
    for (const Symbol& symbol : symbols) {
        if (used_by_another_range(symbol)) continue;
        const Ends ends = ends_of(symbol);
        if (!ends.min.defined() && !ends.max.defined()) continue;
        const std::optional<int> sign = direction(sum, symbol);
        if (!sign) continue;
        const Expr& end = *sign >= 0 ? ends.min : ends.max;
        if (!end.defined() || is_const(end, minus_infinity) || is_const(end, Interval::plus_infinity)) continue;
        found = true;
        return search(substitute(sum, symbol, end), goal);
    }
    return minus_infinity;
}

namespace {

/// What stands in the way of a bound, most exact step first.
int rank_of(const Expr& atom, std::int64_t factor) {
    if (atom.kind() == ExprKind::Select) return 0;
    if (atom.kind() == ExprKind::DataIndex) return 4;
    const Binary* node = atom.as<Binary>();
    if (!node) return 9;
    if (node->op == BinaryOp::min || node->op == BinaryOp::max) return 0;
    if (node->op == BinaryOp::mod) return 3;
    if (node->op != BinaryOp::div) return 9;
    const IntImm* divisor = node->b.as<IntImm>();
    return divisor && divisor->value > 0 && factor % divisor->value == 0 ? 1 : 2;
}

}  // namespace

std::int64_t Bounds::by_atom(const Linear& sum, std::int64_t goal) {
    std::size_t chosen = 0, place = 0;
    int rank = 9;
    for (std::size_t i = 0; i < sum.terms.size(); ++i) {
        const std::vector<Expr> atoms = atoms_of(sum.terms[i].product);
        for (std::size_t j = 0; j < atoms.size(); ++j)
            if (const int r = rank_of(atoms[j], sum.terms[i].factor); r < rank) rank = r, chosen = i, place = j;
    }
    if (rank == 9) return minus_infinity;
    const LinearTerm term = sum.terms[chosen];
    const std::vector<Expr> atoms = atoms_of(term.product);
    const Expr atom = atoms[place];
    const Linear scale = cofactor(atoms, place, term.factor), rest = without(sum, chosen);
    const Interval sign = interval_of_terms(scale);
    if (sign.min < 0 && sign.max > 0) return minus_infinity;
    const bool below = sign.min >= 0;  // the atom is to be bounded from below

    std::int64_t best = minus_infinity;
    const auto with = [&](const Linear& bound) { return search(rest + scale * bound, goal); };
    const auto try_bound = [&](const Linear& bound) {
        if (best < goal) best = std::max(best, with(bound));
    };
    const Interval range = interval(atom);
    const std::int64_t end = below ? range.min : range.max;
    const bool finite = end != minus_infinity && end != Interval::plus_infinity;

    if (const Select* node = atom.as<Select>())
        return std::min(with(linear_of(node->when_true)), with(linear_of(node->when_false)));
    if (const DataIndex* node = atom.as<DataIndex>()) {
        try_bound(below ? linear_constant(0) : linear_of(node->extent) - linear_constant(1));
        return best;
    }
    const Binary* node = atom.as<Binary>();
    const Linear a = linear_of(node->a), b = linear_of(node->b);
    if (node->op == BinaryOp::min || node->op == BinaryOp::max) {
        const bool either = (node->op == BinaryOp::max) == below;
        if (!either) return std::min(with(a), with(b));
        try_bound(a);
        try_bound(b);
        return best;
    }
    if (finite) try_bound(linear_constant(end));
    if (interval(node->b).min < 1) return best;
    if (node->op == BinaryOp::mod) {
        if (below) return best;
        try_bound(b - linear_constant(1));
        if (best < goal && interval(node->a).min >= 0) try_bound(a);
        return best;
    }
    const Linear multiple = below ? a - b + linear_constant(1) : a;  // bounds b * (a / b)
    if (b.terms.empty()) {
        if (best >= goal) return best;
        const std::int64_t divisor = b.constant, common = std::gcd(divisor, term.factor);
        const Linear scaled = rest * (divisor / common) + divide_exactly(scale, common) * multiple;
        const std::int64_t scaled_goal = saturating_mul(goal, divisor / common);
        const std::int64_t bound = search(scaled, goal == Interval::plus_infinity ? goal : scaled_goal);
        if (bound == minus_infinity) return best;
        return std::max(best, -floor_div(-bound, divisor / common));
    }
    // b * (a / b) among the factors of the term
    for (std::size_t i = 0; i < atoms.size(); ++i) {
        if (i == place || !equal(atoms[i], node->b)) continue;
        std::vector<Expr> others = atoms;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(std::max(i, place)));
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(std::min(i, place)));
        if (best < goal) best = std::max(best, search(rest + product_of(others, term.factor) * multiple, goal));
        break;
    }
    if (!below && interval(node->a).min >= 0) try_bound(a);
    return best;
}

}  // namespace heddle
