// dsl/linear.cpp -- i64 expressions as sums of constants times products of atoms.
#include "dsl/linear.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "dsl/definition.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::size_t most_terms_multiplied_out = 16;

template <class T>
int three_way(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

/// Orders what two nodes of one kind and type have besides their operands.
int compare_heads(const Expr& a, const Expr& b) {
    switch (a.kind()) {
        case ExprKind::IntImm:
            return three_way(a.as<IntImm>()->value, b.as<IntImm>()->value);
        case ExprKind::FloatImm:
            return three_way(std::bit_cast<std::int64_t>(a.as<FloatImm>()->value),
                             std::bit_cast<std::int64_t>(b.as<FloatImm>()->value));
        case ExprKind::Variable:
            return three_way(a.as<Variable>()->symbol.id(), b.as<Variable>()->symbol.id());
        case ExprKind::Read: {
            const Read *x = a.as<Read>(), *y = b.as<Read>();
            if (const int order = three_way(x->tensor->id, y->tensor->id)) return order;
            if (const int order = three_way(x->boundary.mode, y->boundary.mode)) return order;
            return three_way(x->boundary.value, y->boundary.value);
        }
        case ExprKind::Unary:
            return three_way(a.as<Unary>()->op, b.as<Unary>()->op);
        case ExprKind::Binary:
            return three_way(a.as<Binary>()->op, b.as<Binary>()->op);
        case ExprKind::Cast:
            return three_way(a.as<Cast>()->to, b.as<Cast>()->to);
        case ExprKind::DataIndex:
            return three_way(a.as<DataIndex>()->mode, b.as<DataIndex>()->mode);
        case ExprKind::PrintWhen:
            return three_way(a.as<PrintWhen>()->label, b.as<PrintWhen>()->label);
        case ExprKind::Select:
        case ExprKind::StopGradient:
            return 0;
    }
    return 0;
}

/// The ends of i64, which stand for infinity in intervals.
bool is_extreme(std::int64_t value) {
    return value == std::numeric_limits<std::int64_t>::min() || value == std::numeric_limits<std::int64_t>::max();
}

Linear constant(std::int64_t value) { return {{}, value, is_extreme(value)}; }

void add_to(Linear& sum, std::int64_t value) {
    sum.overflow |= __builtin_add_overflow(sum.constant, value, &sum.constant);
}

/// a + b * factor, by merging.
Linear add_scaled(const Linear& a, const Linear& b, std::int64_t factor) {
    Linear sum;
    sum.overflow = a.overflow || b.overflow;
    const auto scaled = [&](std::int64_t value) {
        sum.overflow |= __builtin_mul_overflow(value, factor, &value);
        return value;
    };
    sum.constant = a.constant;
    add_to(sum, scaled(b.constant));
    sum.terms.reserve(a.terms.size() + b.terms.size());
    auto i = a.terms.begin();
    for (auto j = b.terms.begin(); j != b.terms.end();) {
        const int order = i == a.terms.end() ? 1 : compare(i->product, j->product);
        if (order < 0) {
            sum.terms.push_back(*i++);
            continue;
        }
        LinearTerm term = {j->product, scaled(j->factor)};
        ++j;
        if (order == 0) sum.overflow |= __builtin_add_overflow(term.factor, i++->factor, &term.factor);
        if (term.factor != 0) sum.terms.push_back(std::move(term));
    }
    sum.terms.insert(sum.terms.end(), i, a.terms.end());
    sum.overflow |=
        is_extreme(sum.constant) ||
        std::any_of(sum.terms.begin(), sum.terms.end(), [](const LinearTerm& term) { return is_extreme(term.factor); });
    return sum;
}

Expr scaled_product(const Expr& product, std::int64_t factor) {
    if (factor == 1) return product;
    if (factor == -1) return -product;
    Expr result = factor;
    for (const Expr& atom : atoms_of(product)) result = result * atom;
    return result;
}

void collect_atoms(const Expr& product, std::vector<Expr>& atoms) {
    const Binary* binary = product.as<Binary>();
    if (!binary || binary->op != BinaryOp::mul) return atoms.push_back(product);
    collect_atoms(binary->a, atoms);
    collect_atoms(binary->b, atoms);
}

/// A product kept as one term: its factors are sums that are too long to multiply out.
Linear opaque_product(const Linear& a, const Linear& b) {
    const std::int64_t factor_a = std::gcd(common_factor(a), a.constant);
    const std::int64_t factor_b = std::gcd(common_factor(b), b.constant);
    std::vector<Expr> atoms = atoms_of(to_expr(divide_exactly(a, factor_a)));
    collect_atoms(to_expr(divide_exactly(b, factor_b)), atoms);
    return product_of(std::move(atoms), 1) * factor_a * factor_b;
}

}  // namespace

int compare(const Expr& a, const Expr& b) {
    if (a.same_as(b)) return 0;
    if (const int order = three_way(a.kind(), b.kind())) return order;
    if (const int order = three_way(a.type(), b.type())) return order;
    if (const int order = compare_heads(a, b)) return order;
    const std::vector<Expr> left = operands_of(a), right = operands_of(b);
    if (const int order = three_way(left.size(), right.size())) return order;
    for (std::size_t i = 0; i < left.size(); ++i)
        if (const int order = compare(left[i], right[i])) return order;
    return 0;
}

Linear linear_of(const Expr& e) {
    if (const IntImm* literal = e.as<IntImm>()) return constant(literal->value);
    if (const Unary* unary = e.as<Unary>(); unary && unary->op == UnaryOp::negate)
        return linear_of(unary->operand) * -1;
    if (const Binary* binary = e.as<Binary>()) {
        if (binary->op == BinaryOp::add) return linear_of(binary->a) + linear_of(binary->b);
        if (binary->op == BinaryOp::sub) return linear_of(binary->a) - linear_of(binary->b);
        if (binary->op == BinaryOp::mul) return linear_of(binary->a) * linear_of(binary->b);
    }
    return {{{e, 1}}, 0, false};
}

Expr to_expr(const Linear& linear) {
    Expr sum;
    for (const LinearTerm& term : linear.terms)
        if (term.factor > 0) {
            const Expr next = scaled_product(term.product, term.factor);
            sum = sum.defined() ? sum + next : next;
        }
    // With no positive term, a positive constant leads: `3 - p`.
    const bool constant_leads = !sum.defined() && (linear.constant > 0 || linear.terms.empty());
    if (constant_leads) sum = linear.constant;
    for (const LinearTerm& term : linear.terms)
        if (term.factor < 0) {
            const bool fits = !is_extreme(term.factor);
            if (!sum.defined())
                sum = scaled_product(term.product, term.factor);
            else if (fits)
                sum = sum - scaled_product(term.product, -term.factor);
            else
                sum = sum + scaled_product(term.product, term.factor);
        }
    if (constant_leads || linear.constant == 0) return sum;
    const bool subtracts = linear.constant < 0 && !is_extreme(linear.constant);
    return subtracts ? sum - Expr(-linear.constant) : sum + Expr(linear.constant);
}

Linear operator+(const Linear& a, const Linear& b) { return add_scaled(a, b, 1); }
Linear operator-(const Linear& a, const Linear& b) { return add_scaled(a, b, -1); }
Linear operator*(const Linear& a, std::int64_t factor) {
    return factor == 1 ? a : factor == 0 ? constant(0) : add_scaled(constant(0), a, factor);
}

Linear operator*(const Linear& a, const Linear& b) {
    if (a.terms.empty() && !a.overflow) return b * a.constant;
    if (b.terms.empty() && !b.overflow) return a * b.constant;
    const std::size_t size_a = a.terms.size() + (a.constant != 0), size_b = b.terms.size() + (b.constant != 0);
    if (size_a * size_b > most_terms_multiplied_out) return opaque_product(a, b);
    Linear product = a * b.constant + Linear{b.terms, 0, b.overflow} * a.constant;
    for (const LinearTerm& x : a.terms)
        for (const LinearTerm& y : b.terms) {
            std::vector<Expr> atoms = atoms_of(x.product);
            collect_atoms(y.product, atoms);
            product = product + product_of(std::move(atoms), x.factor) * y.factor;
        }
    return product;
}

std::vector<Expr> atoms_of(const Expr& product) {
    std::vector<Expr> atoms;
    collect_atoms(product, atoms);
    return atoms;
}

Linear product_of(std::vector<Expr> atoms, std::int64_t factor) {
    if (atoms.empty()) return constant(factor);
    std::sort(atoms.begin(), atoms.end(), [](const Expr& a, const Expr& b) { return compare(a, b) < 0; });
    Expr product = atoms.front();
    for (std::size_t i = 1; i < atoms.size(); ++i) product = product * atoms[i];
    return {{{product, factor}}, 0, false};
}

std::int64_t common_factor(const Linear& linear) {
    std::int64_t divisor = 0;
    for (const LinearTerm& term : linear.terms) divisor = std::gcd(divisor, term.factor);
    return divisor;
}

Linear divide_exactly(Linear linear, std::int64_t divisor) {
    for (LinearTerm& term : linear.terms) term.factor /= divisor;
    linear.constant /= divisor;
    return linear;
}

}  // namespace heddle
