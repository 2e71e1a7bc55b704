// dsl/invert_scatter.cpp -- a scatter as one gather over its output, by residue classes.
#include "dsl/invert_scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "dsl/affine.h"
#include "dsl/guard_reads.h"
#include "dsl/linear.h"
#include "dsl/print.h"
#include "dsl/residues.h"
#include "dsl/simplify.h"
#include "dsl/split_quotients.h"
#include "dsl/unique_index.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t assumed_size = 1024;  // of a run-time size, to compare costs

std::int64_t size_of(const Expr& extent) {
    const Interval range = interval_of(extent, {});
    return std::max<std::int64_t>(1, std::min(range.max, std::max(range.min, assumed_size)));
}

/// Names that no variable of the definition has.
class FreshNames {
public:
    explicit FreshNames(const std::vector<DomainVar>& domain) {
        for (const DomainVar& v : domain) taken_.insert(v.symbol.name());
    }
    std::string free_name() { return pick({"i", "j", "l", "m", "u", "v"}, "i"); }
    std::string reduced_name() { return pick({"a", "b", "d", "e", "f", "g"}, "a"); }

private:
    std::string pick(std::initializer_list<const char*> names, const char* otherwise) {
        for (const char* name : names)
            if (taken_.insert(name).second) return name;
        for (int i = 1;; ++i)
            if (const std::string name = fmt::format("{}{}", otherwise, i); taken_.insert(name).second) return name;
    }
    std::set<std::string> taken_;
};

/// The definition as it is written.
InvertedScatter stays(std::string reason) {
    InvertedScatter result;
    result.form = InvertedScatter::Form::scatter;
    result.reason = std::move(reason);
    return result;
}

/// o = sum(unknown terms) + known, of one dimension.
struct Equation {
    std::size_t dimension;
    Expr known;  ///< output index minus all that is not linear in an unknown
    std::vector<IntegerTerm> terms;
};

class Inversion {
public:
    Inversion(const std::vector<Extent>& shape, const SplitQuotients& split)
        : shape_(shape), left_(split.left), domain_(split.domain), split_(split), names_(split.domain) {
        for (const DomainVar& v : domain_) unknown_.push_back({v.symbol, 0, v.extent.expr()});
        solved_.assign(left_.size(), false);
        output_.resize(left_.size());
    }

    InvertedScatter run(UpdateOp op, const std::vector<Expr>& right, const Reducer& reducer) {
        while (eliminate_one()) {
        }
        InvertedScatter result;
        result.form = InvertedScatter::Form::gather;
        for (std::size_t d = 0; d < left_.size(); ++d) {
            if (solved_[d]) continue;
            if (is_const(left_[d], 0) && is_const(shape_[d].expr(), 1)) {  // the whole dimension
                output_[d] = Symbol(names_.free_name(), SymbolKind::free, shape_[d].expr().handle());
                solved_[d] = true;
                continue;
            }
            const bool has_variable = !symbols_of(left_[d]).empty();
            left_[d] = current(left_[d]);
            if (const DataIndex* data = left_[d].as<DataIndex>()) {
                const std::vector<Symbol> symbols = symbols_of(left_[d]);
                const bool untouched = std::all_of(symbols.begin(), symbols.end(),
                                                   [&](const Symbol& s) { return find_unknown(Expr(s)) != nullptr; });
                if (is_unique(*data) && untouched) {  // one writer an element, whatever the others are
                    kept_.insert(symbols.begin(), symbols.end());
                    result.form = InvertedScatter::Form::mixed;
                    continue;
                }
                if (!depends_on_output(left_[d]))
                    return stays(fmt::format("the index of dimension {} is read from data", d));
                compare(d);
                continue;
            }
            if (has_variable && !depends_on_output(left_[d])) return refused(d);
            result.form = InvertedScatter::Form::mixed;
        }
        reduce_the_rest();
        for (std::size_t d = 0; d < left_.size(); ++d)
            result.left.push_back(solved_[d] ? Expr(output_[d]) : current(left_[d]));
        guard(result, op, right, reducer);
        count(result);
        for (const IntegerTerm& v : unknown_)
            if (!is_const(v.extent, 1) && !mentions(result, v.symbol) && !repeat(result, op, v))
                return stays(fmt::format("{} repeats points, and is in no index", v.symbol.name()));
        return result;
    }

private:
    static bool mentions(const InvertedScatter& result, const Symbol& symbol) {
        const auto uses_it = [&](const Expr& e) { return uses(e, symbol); };
        return std::any_of(result.left.begin(), result.left.end(), uses_it) ||
               std::any_of(result.right.begin(), result.right.end(), uses_it);
    }

    /// Each point as often as a variable has values that nothing depends on any more.
    static bool repeat(InvertedScatter& result, UpdateOp op, const IntegerTerm& v) {
        if (op == UpdateOp::max || op == UpdateOp::min) return true;
        if (op != UpdateOp::add) return false;
        const ScalarType type = result.right[0].type();
        const auto* size = v.extent.as<IntImm>();
        const Expr times = !size            ? cast(type, v.extent)
                           : is_float(type) ? Expr::floating(static_cast<double>(size->value), type)
                                            : Expr::integer(size->value, type);
        result.right[0] = result.right[0] * times;
        return true;
    }

    Expr current(const Expr& e) const { return simplify(substitute(e, values_), ranges()); }
    /// Of the new variables. While equations are solved, those with one value stay symbols.
    Ranges ranges(bool all_known = false) const {
        Ranges ranges;
        for (std::size_t d = 0; d < left_.size(); ++d)
            if (output_[d].defined()) ranges[output_[d]] = range_of_extent(shape_[d].expr());
        for (const IntegerTerm& v : unknown_)
            ranges[v.symbol] = {0, is_const(v.extent, 1) && !all_known ? Expr() : v.extent - 1};
        return ranges;
    }

    const IntegerTerm* find_unknown(const Expr& e) const {
        const Variable* variable = e.as<Variable>();
        if (!variable) return nullptr;
        const auto found = std::find_if(unknown_.begin(), unknown_.end(),
                                        [&](const IntegerTerm& v) { return v.symbol == variable->symbol; });
        return found == unknown_.end() ? nullptr : &*found;
    }

    /// Without the output index: the left index minus its linear terms goes to `known` with the sign of the other side.
    Equation equation_of(std::size_t d) const {
        Equation equation{d, 0, {}};
        const Linear sum = linear_of(current(left_[d]));
        Linear rest{{}, sum.constant, sum.overflow};
        for (const LinearTerm& term : sum.terms) {
            if (const IntegerTerm* unknown = find_unknown(term.product))
                equation.terms.push_back({unknown->symbol, term.factor, unknown->extent});
            else
                rest.terms.push_back(term);
        }
        // A variable that also occurs otherwise is not to be solved for.
        for (auto term = equation.terms.begin(); term != equation.terms.end();) {
            const bool elsewhere = std::any_of(rest.terms.begin(), rest.terms.end(),
                                               [&](const LinearTerm& t) { return uses(t.product, term->symbol); });
            if (elsewhere) rest = rest + linear_of(Expr(term->symbol)) * term->factor;
            term = elsewhere ? equation.terms.erase(term) : term + 1;
        }
        equation.known = to_expr(rest);
        return equation;
    }

    /// How many times fewer points are visited when the term is solved for.
    static double gain(const Equation& equation, const IntegerTerm& term) {
        std::int64_t left_over = std::abs(term.factor);
        for (const IntegerTerm& other : equation.terms)
            if (other.symbol != term.symbol) left_over = std::gcd(left_over, other.factor);
        const double bonus = term.symbol.kind() == SymbolKind::free ? 1.001 : 1;  // ties: keep taps as the reduction
        return bonus * static_cast<double>(size_of(term.extent)) * static_cast<double>(std::abs(term.factor)) /
               static_cast<double>(left_over);
    }

    bool eliminate_one() {
        Equation best_equation;
        std::size_t best_term = 0;
        double best = 0;
        for (std::size_t d = 0; d < left_.size(); ++d) {
            if (solved_[d]) continue;
            const Equation equation = equation_of(d);
            for (std::size_t i = 0; i < equation.terms.size(); ++i) {
                const double value = gain(equation, equation.terms[i]);
                if (value <= best) continue;
                best = value;
                best_equation = equation;
                best_term = i;
            }
        }
        if (best == 0) return false;
        eliminate(best_equation, best_term);
        return true;
    }

    void eliminate(const Equation& equation, std::size_t which) {
        const std::size_t d = equation.dimension;
        const IntegerTerm term = equation.terms[which];
        std::vector<IntegerTerm> others = equation.terms;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(which));
        const Variable* bare = left_[d].as<Variable>();
        output_[d] =
            Symbol(bare ? bare->symbol.name() : names_.free_name(), SymbolKind::free, shape_[d].expr().handle());
        solved_[d] = true;

        const Expr known = simplify(Expr(output_[d]) - equation.known);
        std::vector<IntegerTerm> added;
        const ResidueSolution solution = solve_by_residues(term.factor, others, known, [&](const Expr& extent) {
            added.push_back({Symbol(names_.reduced_name(), SymbolKind::reduction, extent.handle()), 0, extent});
            return added.back().symbol;
        });
        unknown_.insert(unknown_.end(), added.begin(), added.end());
        // The first of the refined uses the others; the eliminated variable uses all.
        Substitution chosen;
        for (const RefinedVariable& v : solution.refined) {
            chosen[v.symbol] = simplify(substitute(v.value, chosen), ranges());
            forget(v.symbol);
        }
        chosen[term.symbol] = simplify(substitute(solution.value, chosen), ranges());
        forget(term.symbol);
        for (auto& [symbol, value] : values_) value = simplify(substitute(value, chosen), ranges());
        values_.insert(chosen.begin(), chosen.end());
        for (Congruence& c : congruences_) c.remainder = substitute(c.remainder, chosen);
        for (const Expr& remainder : solution.remainders)
            congruences_.push_back({term.symbol, substitute(remainder, chosen)});

        const std::int64_t classes = std::abs(term.factor);
        if (classes > 1) steps_.emplace_back(output_[d], classes);
        std::int64_t taps = 1;
        for (const IntegerTerm& other : others) taps *= size_of(other.extent);
        taps_.emplace_back(taps, classes);
    }

    void forget(const Symbol& symbol) {
        std::erase_if(unknown_, [&](const IntegerTerm& v) { return v.symbol == symbol; });
    }

    bool depends_on_output(const Expr& index) const {
        const std::vector<Symbol> symbols = symbols_of(index);
        return std::all_of(symbols.begin(), symbols.end(), [&](const Symbol& s) {
            return std::find(output_.begin(), output_.end(), s) != output_.end();
        });
    }

    /// An index read from data that the other indices choose: each element compares its own with it. A value outside
    /// of the dimension meets no element.
    void compare(std::size_t d) {
        output_[d] = Symbol(names_.free_name(), SymbolKind::free, shape_[d].expr().handle());
        solved_[d] = true;
        const DataIndex& data = *split_.left[d].as<DataIndex>();  // over the definition's variables, for guard_reads
        const Expr index = data.mode == IndexMode::clamped ? clamp(data.value, 0, data.extent - 1) : data.value;
        congruences_.push_back({{}, index - Expr(output_[d])});
    }

    InvertedScatter refused(std::size_t d) const {
        return stays(
            fmt::format("dimension {} is written at `{}`, and no variable of it can be told from the output's indices",
                        d, print(left_[d])));
    }

    /// What was not eliminated is reduced: variables of that kind, with the extent that they had.
    void reduce_the_rest() {
        Substitution renamed;
        for (IntegerTerm& v : unknown_) {
            if (v.symbol.kind() == SymbolKind::reduction && v.symbol.declared_extent()) continue;
            if (kept_.count(v.symbol)) continue;
            const Symbol symbol(v.symbol.name(), SymbolKind::reduction, v.extent.handle());
            renamed[v.symbol] = symbol;
            v.symbol = symbol;
        }
        if (renamed.empty()) return;
        for (auto& [symbol, value] : values_) value = substitute(value, renamed);
        for (Congruence& c : congruences_) c.remainder = substitute(c.remainder, renamed);
        values_.insert(renamed.begin(), renamed.end());
    }

    static bool contains(const std::vector<Symbol>& symbols, const Symbol& symbol) {
        return std::find(symbols.begin(), symbols.end(), symbol) != symbols.end();
    }

    void guard(InvertedScatter& result, UpdateOp op, const std::vector<Expr>& right, const Reducer& reducer) const {
        std::vector<GuardedVariable> variables;
        for (const DomainVar& v : domain_)
            if (const auto found = values_.find(v.symbol); found != values_.end())
                variables.push_back({v.symbol, found->second, v.extent.expr(), contains(split_.not_below, v.symbol),
                                     contains(split_.not_above, v.symbol)});
        const GuardedValue guarded = guard_reads(right, op, reducer, variables, congruences_, ranges(true));
        result.right = guarded.right;
        result.selects = guarded.selects;
    }

    void count(InvertedScatter& result) const {
        result.steps = steps_;
        for (const auto& step : steps_) result.classes *= step.second;
        for (const auto& [taps, points] : taps_) {
            result.taps *= taps;
            result.per_points *= points;
        }
        const std::int64_t common = std::gcd(result.taps, result.per_points);
        result.taps /= common;
        result.per_points /= common;
    }

    const std::vector<Extent>& shape_;
    std::vector<Expr> left_;
    const std::vector<DomainVar>& domain_;
    const SplitQuotients& split_;
    FreshNames names_;
    std::vector<IntegerTerm> unknown_;  ///< variables that have no value yet (factors unused)
    Substitution values_;               ///< of the definition's variables, over output and unknown ones
    std::vector<Congruence> congruences_;
    std::vector<bool> solved_;
    std::set<Symbol> kept_;       ///< variables of indices that are promised to differ
    std::vector<Symbol> output_;  ///< a dimension
    std::vector<std::pair<Symbol, std::int64_t>> steps_;
    std::vector<std::pair<std::int64_t, std::int64_t>> taps_;
};

/// Why a left index is out of reach for elimination; "" when it is not.
std::string obstacle(const std::vector<Expr>& left) {
    for (std::size_t d = 0; d < left.size(); ++d) {
        bool data = false;
        for_each_node(left[d], [&](const Expr& e) { data |= e.as<Read>() != nullptr; });
        if (left[d].as<DataIndex>()) continue;
        if (data) return fmt::format("the index of dimension {} is read from data", d);
        if (!affine_of(simplify(left[d])))
            return fmt::format("dimension {} is written at `{}`, which is no sum of constants times variables", d,
                               print(left[d]));
    }
    return "";
}

}  // namespace

bool is_gather(const std::vector<Expr>& left, const std::vector<Extent>& shape, const std::vector<DomainVar>& domain) {
    std::set<Symbol> seen;
    for (std::size_t d = 0; d < left.size(); ++d) {
        const Variable* variable = left[d].as<Variable>();
        if (!variable || !seen.insert(variable->symbol).second) return false;
        const auto v = std::find_if(domain.begin(), domain.end(),
                                    [&](const DomainVar& each) { return each.symbol == variable->symbol; });
        if (v == domain.end() || !equal(v->extent.expr(), shape[d].expr())) return false;
    }
    return true;
}

InvertedScatter invert_scatter(const std::vector<Extent>& shape, const std::vector<Expr>& left, UpdateOp op,
                               const std::vector<Expr>& right, const Reducer& reducer,
                               const std::vector<DomainVar>& domain) {
    if (is_gather(left, shape, domain)) return {InvertedScatter::Form::bare, "", false, left, right, 1, 1, 1, {}, 0};
    if (op == UpdateOp::argmax) return stays("positions of argmax= count the variables absent from the left");
    if (op == UpdateOp::assign) {
        InvertedScatter result = stays("an `=` writes each element once");
        result.apart = true;
        return result;
    }
    const SplitQuotients split = split_quotients(left, op, right, reducer, domain);
    if (std::string reason = obstacle(split.left); !reason.empty()) return stays(std::move(reason));
    return Inversion(shape, split).run(op, split.right, reducer);
}

InvertedScatter invert_scatter(const Definition& definition) {
    return invert_scatter(definition.target().shape(), definition.left, definition.op, definition.right,
                          definition.reducer, definition.domain);
}

std::string InvertedScatter::text() const {
    const auto plural = [](std::int64_t n, const char* one, const char* many) {
        return fmt::format("{} {}", n, n == 1 ? one : many);
    };
    switch (form) {
        case Form::bare:
            return "gather as written, no atomics";
        case Form::scatter:
            if (apart) return "scatter as written, one writer an element, no atomics: " + reason;
            return "scatter, points sorted by element, no atomics unless atomic() names them: " + reason;
        case Form::gather:
        case Form::mixed:
            break;
    }
    const std::string taps_text =
        per_points == 1 ? plural(taps, "tap", "taps") : fmt::format("{}/{} taps", taps, per_points);
    std::string text =
        fmt::format("gather, {}, {} a point, no atomics", plural(classes, "class", "classes"), taps_text);
    if (form == Form::mixed) text += "; dimensions without a variable of their own keep their index";
    if (selects > 0) text += fmt::format("; {} that no read expresses", plural(selects, "guard", "guards"));
    return text;
}

}  // namespace heddle
