// codegen/passes/partition_run_time.cpp -- edge and interior of a loop whose tests depend on run-time sizes.
#include "codegen/passes/partition_run_time.h"

#include <algorithm>
#include <set>

#include "codegen/passes/conditions.h"
#include "codegen/passes/edge_tests.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t most_versions = 8;  ///< of the body at the upper end

/// A test `coefficient * v + size + (terms of inner loops) >= 0`.
struct Test {
    Expr term;
    Linear sum;
    std::int64_t coefficient = 0;
    Linear size;             ///< sum of run-time sizes
    std::int64_t worst = 0;  ///< the least value of the rest
    std::set<Symbol> inner;
};

bool is_size(const Expr& e) {
    const std::vector<Symbol> symbols = symbols_of(e);
    return std::all_of(symbols.begin(), symbols.end(),
                       [](const Symbol& s) { return s.kind() == SymbolKind::parameter; });
}

std::optional<Test> test_of(const For& loop, const Expr& term, const Ranges& ranges) {
    const std::optional<Linear> sum = at_least_zero(in_parts(term));
    if (!sum) return std::nullopt;
    Test test{term, *sum, factor_of(*sum, loop.var).value_or(0), {}, sum->constant, {}};
    if (test.coefficient == 0) return std::nullopt;
    for (const LinearTerm& part : sum->terms) {
        if (uses(part.product, loop.var)) continue;
        if (is_size(part.product)) {
            test.size.terms.push_back(part);
            continue;
        }
        const Interval range = interval_of(part.product, ranges);
        const std::int64_t end = part.factor > 0 ? range.min : range.max;
        if (end == Interval::minus_infinity || end == Interval::plus_infinity) return std::nullopt;
        test.worst += part.factor * end;
        for (const Symbol& symbol : symbols_of(part.product)) test.inner.insert(symbol);
    }
    // Where an iteration starts to pass is known; where it ceases to may depend on sizes.
    if (test.coefficient > 0 && !test.size.terms.empty()) return std::nullopt;
    return test;
}

bool same_end(const Test& a, const Test& b) {
    return a.coefficient == b.coefficient && (a.size - b.size).terms.empty();
}

Linear constant(std::int64_t value) { return {{}, value, false}; }

/// The parts, put together from what the tests say.
class Partition {
public:
    explicit Partition(const For& loop)
        : loop_(loop), begin_(loop.min.as<IntImm>()->value), low_(begin_), end_(simplify(loop.min + loop.extent)) {
        const Ranges ranges = inner_ranges(loop.body);
        for (const Expr& term : tests_in(loop.body)) {
            const std::optional<Test> test = test_of(loop, term, ranges);
            if (!test) continue;
            (test->coefficient > 0 ? lower_ : upper_).push_back(*test);
            if (test->coefficient > 0) low_ = std::max(low_, -floor_quotient(test->worst, test->coefficient));
        }
        for (const Test& test : upper_) {
            const auto found =
                std::find_if(ends_.begin(), ends_.end(), [&](const Test& end) { return same_end(end, test); });
            if (found == ends_.end())
                ends_.push_back(test);
            else
                found->worst = std::min(found->worst, test.worst);
        }
    }

    std::optional<RunTimeParts> parts() {
        if (lower_.empty() && upper_.empty()) return std::nullopt;
        RunTimeParts result;
        if (low_ > begin_) {
            for (const Test& end : ends_)
                result.conditions.push_back(
                    at_least_zero(end.size + constant(end.worst + end.coefficient * (low_ - 1))));
            result.conditions.push_back(Expr::integer(low_) <= end_);
        }
        std::vector<Stmt> parts = low_part();
        const Expr high = upper_.empty() ? end_ : interior_end();
        parts.push_back(range(Expr::integer(low_), high, without_tests(true, true), true));
        if (!upper_.empty())
            for (Stmt& part : high_parts(high)) parts.push_back(std::move(part));
        result.parts = block(std::move(parts));
        return result;
    }

private:
    static Expr at_least_zero(const Linear& sum) { return Expr::integer(0) <= to_expr(sum); }

    /// The body without tests at the lower end, at the upper end, or both.
    Stmt without_tests(bool lower, bool upper) const {
        std::vector<Expr> proved;
        if (lower)
            for (const Test& test : lower_) proved.push_back(test.term);
        if (upper)
            for (const Test& test : upper_) proved.push_back(test.term);
        return unfold(assume(loop_.body, proved), proved);
    }

    /// Where iterations cease to pass all tests.
    Expr interior_end() const {
        Expr high = end_;
        for (const Test& end : ends_) {
            const Expr last = to_expr(end.size + constant(end.worst));
            const Expr passing = end.coefficient == -1 ? last : last / Expr::integer(-end.coefficient);
            high = min(high, passing + Expr::integer(1));
        }
        return simplify(max(high, Expr::integer(low_)));
    }

    std::vector<Stmt> low_part() const {
        const Stmt body = without_tests(false, true);
        if (low_ - begin_ > most_edge_copies || loop_.kind == LoopKind::parallel) {
            if (low_ == begin_) return {};
            return {range(Expr::integer(begin_), Expr::integer(low_), body, false)};
        }
        std::set<Symbol> tested;
        for (const Test& test : lower_) tested.insert(test.inner.begin(), test.inner.end());
        std::vector<Stmt> copies;
        for (std::int64_t v = begin_; v < low_; ++v)
            copies.push_back(unroll_tested(substitute(body, {{loop_.var, Expr::integer(v)}}), tested));
        return copies;
    }

    /// What runs past the interior's end. With the end at ceil(size / c), size - c * v is at least 1 there.
    std::vector<Stmt> high_parts(const Expr& high) const {
        const Stmt plain = without_tests(true, false);
        for (const Test& end : ends_) {
            const std::int64_t step = -end.coefficient, most = -end.worst - 1;
            const Expr covered = (to_expr(end.size) + Expr::integer(step - 1)) / Expr::integer(step);
            if (begin_ != 0 || most < 1 || !equal(simplify(covered), end_)) continue;
            if (most <= most_versions) return {range(high, end_, versions(plain, end, most), false)};
            if (std::vector<Stmt> parts = moved_back(plain, end, high); !parts.empty()) return parts;
        }
        return {range(high, end_, plain, false)};
    }

    Stmt versions(const Stmt& plain, const Test& end, std::int64_t most) const {
        const Expr left = to_expr(end.size) + Expr::integer(end.coefficient) * Expr(loop_.var);
        std::vector<Stmt> versions;
        for (std::int64_t count = 1; count <= most; ++count)
            versions.push_back(when(equals(left, count), version(plain, end, count)));
        if (ends_.size() > 1) versions.push_back(when(Expr::integer(most) < left, plain));
        return block(std::move(versions));
    }

    /// The last iteration moved back so far that all of it lies inside: c * v becomes size - c, and what it shares with
    /// the one before is computed again, to the same values. Nothing where that cannot be.
    std::vector<Stmt> moved_back(const Stmt& plain, const Test& end, const Expr& high) const {
        if (loop_.kind != LoopKind::serial || !may_repeat(plain)) return {};
        const std::int64_t step = -end.coefficient;
        const Expr start = simplify(to_expr(end.size) - Expr::integer(step));
        std::vector<Stmt> bodies = {version(plain, end, step)};
        std::vector<Expr> cases = {Expr(true)};
        for (const Test& other : ends_) {
            if (same_end(other, end) || -other.coefficient % step != 0) continue;
            const Expr left = to_expr(other.size) + Expr::integer(other.coefficient / step) * start;
            const Interval range = interval_of(left, {});
            if (range.min == Interval::minus_infinity || range.max == Interval::plus_infinity) continue;
            if (bodies.size() > 1 || range.max - range.min >= most_versions / 2) continue;
            const Stmt body = bodies[0];
            bodies.clear();
            cases.clear();
            for (std::int64_t count = range.min; count <= range.max; ++count) {
                bodies.push_back(version(body, other, count));
                cases.push_back(range.min == range.max ? Expr(true) : equals(left, count));
            }
        }
        const Symbol from(loop_.var.name() + "_start", SymbolKind::loop);
        std::vector<Stmt> copies;
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            const Stmt body = in_elements(bodies[i], from, step);
            if (body.empty()) return {};
            copies.push_back(is_const(cases[i], 1) ? body : when(cases[i], body));
        }
        For moved;
        moved.var = from;
        moved.min = start;
        moved.extent = Expr::integer(1);
        moved.facts = {Expr::integer(low_ * step) <= Expr(from)};
        moved.body = block(std::move(copies));
        const Expr last = simplify(end_ - Expr::integer(1)), fits = Expr::integer(low_ * step) <= start;
        return {range(high, last, plain, false),
                when(binary(BinaryOp::logical_and, high < end_, fits), Stmt::make(std::move(moved))),
                when(binary(BinaryOp::logical_and, high < end_, start < Expr::integer(low_ * step)),
                     range(last, end_, plain, false))};
    }

    /// With an element where the loop's variable stands times `step`; nothing where it stands otherwise.
    Stmt in_elements(const Stmt& body, const Symbol& element, std::int64_t step) const {
        bool otherwise = false;
        Mutator mutator;
        mutator.expression = [&](const Expr& e) {
            const Expr changed = rewrite(e, [&](const Expr& node) -> Expr {
                const auto* product = node.as<Binary>();
                if (!product || product->op != BinaryOp::mul) return {};
                const bool swapped = product->b.as<IntImm>() != nullptr;
                const auto* factor = (swapped ? product->b : product->a).as<IntImm>();
                const auto* variable = (swapped ? product->a : product->b).as<Variable>();
                if (!factor || !variable || variable->symbol != loop_.var || factor->value % step != 0) return {};
                return Expr::integer(factor->value / step) * Expr(element);
            });
            otherwise = otherwise || uses(changed, loop_.var);
            return changed;
        };
        const Stmt changed = mutate(body, mutator);
        return otherwise ? Stmt() : changed;
    }

    /// Running an iteration twice does what once does: it reads nothing that it leaves behind.
    static bool may_repeat(const Stmt& body) {
        std::set<const TensorNode*> own, written, read;
        bool known = true;
        for_each_stmt(body, [&](const Stmt& s) {
            if (const auto* allocate = s.as<Allocate>()) own.insert(allocate->storage.node().get());
            if (const auto* store = s.as<Store>()) {
                written.insert(store->to.storage.node().get());
                known = known && store->atomic == UpdateOp::assign;
            } else if (const auto* reduce = s.as<Reduce>()) {
                for (const Place& place : reduce->to) written.insert(place.storage.node().get());
            } else {
                known = known && (s.as<Allocate>() || s.as<Block>() || s.as<For>() || s.as<If>());
            }
        });
        for_each_expr(body, [&](const Expr& e) {
            for_each_node(e, [&](const Expr& node) {
                if (const auto* access = node.as<Read>()) read.insert(access->tensor.get());
                known = known && node.kind() != ExprKind::PrintWhen;
            });
        });
        return known && std::none_of(written.begin(), written.end(), [&](const TensorNode* storage) {
                   return !own.count(storage) && read.count(storage);
               });
    }

    /// The body where `count` is what the size leaves.
    Stmt version(const Stmt& body, const Test& end, std::int64_t count) const {
        std::set<Symbol> tested;
        for (const Test& test : upper_)
            if (same_end(test, end)) tested.insert(test.inner.begin(), test.inner.end());
        const Stmt decided = rewrite_terms(body, [&](const Expr& term) -> Expr {
            for (const Test& test : upper_) {
                if (!same_end(test, end) || !equal(test.term, term)) continue;
                Linear rest = test.sum - test.size;
                std::erase_if(rest.terms, [&](const LinearTerm& part) { return uses(part.product, loop_.var); });
                return simplify(at_least_zero(rest + constant(count)));
            }
            return {};
        });
        return unroll_tested(decided, tested);
    }

    static Expr equals(const Expr& e, std::int64_t value) { return binary(BinaryOp::eq, e, Expr::integer(value)); }
    static Stmt when(Expr condition, Stmt then) {
        If node;
        node.condition = std::move(condition);
        node.then = std::move(then);
        return Stmt::make(std::move(node));
    }

    Stmt range(const Expr& from, const Expr& to, Stmt body, bool interior) const {
        For copy = loop_;
        copy.partitioned = false;
        copy.min = from;
        copy.extent = simplify(max(to - from, Expr::integer(0)));
        if (interior)
            for (const Test& end : ends_)
                copy.facts.push_back(at_least_zero(end.size + constant(end.worst) +
                                                   Linear{{LinearTerm{Expr(loop_.var), end.coefficient}}, 0, false}));
        copy.facts.push_back(Expr::integer(from.as<IntImm>() ? begin_ : low_) <= Expr(loop_.var));
        copy.facts.push_back(Expr(loop_.var) < end_);
        copy.body = std::move(body);
        return Stmt::make(std::move(copy));
    }

    const For& loop_;
    std::int64_t begin_, low_;  ///< the first iteration, and the first that passes all tests of the lower end
    Expr end_;
    std::vector<Test> lower_, upper_;
    std::vector<Test> ends_;  ///< of the upper ones, the strictest of each size and step
};

}  // namespace

std::optional<RunTimeParts> partition_run_time(const For& loop) {
    if (!loop.min.as<IntImm>() || !is_size(loop.extent)) return std::nullopt;
    return Partition(loop).parts();
}

}  // namespace heddle
