// dsl/guard_reads.cpp -- variables replaced by values that may leave their ranges: points that do take no part.
#include "dsl/guard_reads.h"

#include <algorithm>
#include <map>
#include <set>

#include "dsl/simplify.h"

namespace heddle {
namespace {

enum class Use : std::uint8_t { factor, certain, conditional };  // of a value within the right side

/// A variable that may be outside, and on which side.
struct Loose {
    const GuardedVariable* variable;
    bool below, above;
    bool expressed = false;  ///< by a read
};

class Guarding {
public:
    /// `selected`: the right side will stand in a `select`, so that no read is a factor of the whole of it.
    Guarding(UpdateOp op, const std::vector<GuardedVariable>& variables, const std::vector<Congruence>& congruences,
             const Ranges& ranges, bool selected)
        : op_(op), congruences_(congruences), expressed_(congruences.size()), ranges_(ranges), selected_(selected) {
        for (const GuardedVariable& v : variables) {
            values_[v.symbol] = v.value;
            clamped_[v.symbol] = v.value;
            const bool below = prove(Expr(0) <= v.value, ranges) != true;
            const bool above = prove(v.value < v.extent, ranges) != true;
            if (!below && !above) continue;
            loose_.push_back({&v, below && !v.not_below, above && !v.not_above});
            Expr inside = v.value;
            if (below) inside = max(inside, 0);
            if (above) inside = min(inside, v.extent - 1);
            clamped_[v.symbol] = simplify(inside, ranges);
        }
    }

    Expr value(const Expr& e) { return visit(e, op_ == UpdateOp::add ? Use::factor : Use::certain); }

    /// What remains to be tested.
    std::vector<Expr> tests() const {
        std::vector<Expr> tests;
        for (const Loose& loose : loose_) {
            if (loose.expressed) continue;
            const GuardedVariable& v = *loose.variable;
            if (loose.below) tests.push_back(simplify(Expr(0) <= v.value, ranges_));
            if (loose.above) tests.push_back(simplify(v.value < v.extent, ranges_));
        }
        for (std::size_t i = 0; i < congruences_.size(); ++i) {
            const Expr test = simplify(equals(substitute(congruences_[i].remainder, clamped_), 0), ranges_);
            if (!expressed_[i] && !is_const(test, 1)) tests.push_back(test);
        }
        return tests;
    }

private:
    Expr visit(const Expr& e, Use use) {
        const auto key = std::pair(e.get(), use);
        if (const auto found = done_.find(key); found != done_.end()) return found->second.second;
        const Expr result = rebuild(e, use);
        done_.emplace(key, std::pair(e, result));
        return result;
    }

    Expr rebuild(const Expr& e, Use use) {
        const Use certain = use == Use::conditional ? Use::conditional : Use::certain;
        if (e.as<Variable>()) return substitute(e, values_);
        if (const Read* read = e.as<Read>()) return visit_read(e, *read, use);
        if (e.as<DataIndex>()) return substitute(e, clamped_);  // its check must not see what takes no part
        std::vector<Expr> operands = operands_of(e);
        std::vector<Use> uses(operands.size(), certain);
        const Binary* binary = e.as<Binary>();
        if (const Unary* unary = e.as<Unary>(); unary && unary->op == UnaryOp::negate) uses[0] = use;
        if (e.as<Cast>() || e.as<StopGradient>()) uses[0] = use;
        if (binary && binary->op == BinaryOp::mul) uses = {use, use};
        if (binary && (binary->op == BinaryOp::logical_and || binary->op == BinaryOp::logical_or))
            uses[1] = Use::conditional;
        if (e.as<Select>()) uses[1] = uses[2] = Use::conditional;
        for (std::size_t i = 0; i < operands.size(); ++i) operands[i] = visit(operands[i], uses[i]);
        return with_operands(e, operands);
    }

    bool uses_loose(const Expr& index) const {
        return std::any_of(loose_.begin(), loose_.end(),
                           [&](const Loose& loose) { return uses(index, loose.variable->symbol); });
    }

    Expr visit_read(const Expr& e, const Read& read, Use use) {
        const std::vector<Extent>& shape = *read.tensor->shape;
        const bool folds = read.boundary.mode == BoundaryMode::reflect ||
                           read.boundary.mode == BoundaryMode::symmetric ||
                           read.boundary.mode == BoundaryMode::circular;
        std::vector<Expr> indices;
        bool inside = true;
        for (std::size_t d = 0; d < read.indices.size(); ++d) {
            const Expr& index = read.indices[d];
            indices.push_back(simplify(folds ? substitute(index, clamped_) : visit(index, Use::conditional), ranges_));
            if (has_remainder(index)) inside = false;
            if (!uses_index_of_values(index)) continue;
            inside = inside && prove(Expr(0) <= indices[d], ranges_) == true &&
                     prove(indices[d] < shape[d].expr(), ranges_) == true;
        }
        Boundary boundary = read.boundary;
        if (boundary.mode == BoundaryMode::none && !inside)
            boundary.mode = use == Use::certain ? BoundaryMode::skip : BoundaryMode::zero;
        if (boundary.mode == BoundaryMode::zero && use == Use::factor && selected_) boundary.mode = BoundaryMode::skip;
        const bool expresses =
            (boundary.mode == BoundaryMode::zero && use == Use::factor) || boundary.mode == BoundaryMode::skip;
        for (std::size_t d = 0; expresses && d < read.indices.size(); ++d) {
            const Variable* bare = read.indices[d].as<Variable>();
            if (bare) express(bare->symbol, shape[d].expr(), indices[d]);
        }
        if (boundary == read.boundary) return with_operands(e, indices);
        return Expr(std::make_shared<const Read>(read.tensor, indices, boundary, e.type()));
    }

    /// `index` is the symbol's new value, in a read that takes no part outside of [0, extent).
    void express(const Symbol& symbol, const Expr& extent, Expr& index) {
        for (Loose& loose : loose_)
            if (loose.variable->symbol == symbol && equal(loose.variable->extent, extent)) loose.expressed = true;
        const std::int64_t lowest = interval_of(index, ranges_).min;
        for (std::size_t i = 0; i < congruences_.size(); ++i) {
            const Expr& remainder = congruences_[i].remainder;
            if (congruences_[i].symbol != symbol || lowest < -(std::int64_t{1} << 40)) continue;
            if (prove(equals(remainder, 0), ranges_) == true) continue;
            index = simplify(index + (extent - std::min<std::int64_t>(0, lowest)) * remainder, ranges_);
            expressed_[i] = true;
        }
    }

    /// A variable alone that is not everywhere a whole number.
    bool has_remainder(const Expr& index) const {
        const Variable* bare = index.as<Variable>();
        return bare && std::any_of(congruences_.begin(), congruences_.end(), [&](const Congruence& c) {
                   return c.symbol == bare->symbol && prove(equals(c.remainder, 0), ranges_) != true;
               });
    }

    bool uses_index_of_values(const Expr& index) const {
        return std::any_of(values_.begin(), values_.end(), [&](const auto& v) { return uses(index, v.first); });
    }

    UpdateOp op_;
    const std::vector<Congruence>& congruences_;
    std::vector<bool> expressed_;  ///< a congruence each
    const Ranges& ranges_;
    bool selected_;
    Substitution values_, clamped_;
    std::vector<Loose> loose_;
    std::map<std::pair<const ExprNode*, Use>, std::pair<Expr, Expr>> done_;
};

}  // namespace

GuardedValue guard_reads(const std::vector<Expr>& right, UpdateOp op, const Reducer& reducer,
                         const std::vector<GuardedVariable>& variables, const std::vector<Congruence>& congruences,
                         const Ranges& ranges) {
    GuardedValue result;
    std::vector<Expr> tests;
    const auto run = [&](bool selected) {
        Guarding guarding(op, variables, congruences, ranges, selected);
        result.right.clear();
        for (const Expr& e : right) result.right.push_back(guarding.value(e));
        tests = guarding.tests();
    };
    run(false);
    result.selects = static_cast<int>(tests.size());
    if (tests.empty()) return result;
    run(true);
    Expr holds(true);
    for (const Expr& test : tests) holds = holds && test;
    for (std::size_t i = 0; i < right.size(); ++i) {
        const Expr otherwise = op == UpdateOp::tuple ? reducer.identity[i] : identity_of(op, right[i].type());
        result.right[i] = select(holds, result.right[i], otherwise);
    }
    return result;
}

}  // namespace heddle
