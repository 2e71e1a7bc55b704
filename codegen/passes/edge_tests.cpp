// codegen/passes/edge_tests.cpp -- conditions and folded indices: found, dropped, rewritten.
#include "codegen/passes/edge_tests.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "codegen/passes/conditions.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t most_unrolled_taps = 16;

// The first and last value of a loop's variable, as constants: of a clipped loop those that it had before.
std::optional<std::pair<std::int64_t, std::int64_t>> constant_range(const For& loop) {
    const std::int64_t first = interval_of(loop.min, {}).min;
    if (first == Interval::minus_infinity) return std::nullopt;
    if (loop.min.as<IntImm>())
        if (const auto* extent = loop.extent.as<IntImm>()) return std::pair{first, first + extent->value - 1};
    for (const Expr& fact : loop.facts) {
        const auto* below = fact.as<Binary>();
        if (!below || below->op != BinaryOp::lt || !below->a.as<Variable>()) continue;
        const Expr end = simplify(below->b);
        if (below->a.as<Variable>()->symbol == loop.var && end.as<IntImm>())
            return std::pair{first, end.as<IntImm>()->value - 1};
    }
    return std::nullopt;
}

bool folds(const Expr& e) {
    const auto* node = e.as<Binary>();
    return node && node->type == ScalarType::i64 &&
           (node->op == BinaryOp::max || node->op == BinaryOp::min || node->op == BinaryOp::mod);
}

// The index without its folding.
Expr unfolded(const Expr& index) {
    return rewrite(index, [](const Expr& e) -> Expr {
        Expr plain = e;
        while (folds(plain)) plain = plain.as<Binary>()->a;
        return plain.same_as(e) ? Expr() : plain;
    });
}

// Where one folding changes nothing.
void add_fold_tests(const Binary& fold, std::vector<Expr>& tests) {
    const Expr plain = unfolded(fold.a), other = unfolded(fold.b);
    if (fold.op != BinaryOp::min) tests.push_back(fold.op == BinaryOp::max ? other <= plain : Expr(0) <= plain);
    if (fold.op != BinaryOp::max) tests.push_back(fold.op == BinaryOp::min ? plain <= other : plain < other);
}

void add_folding_tests(const Expr& index, std::vector<Expr>& tests) {
    for_each_node(index, [&](const Expr& e) {
        if (folds(e)) add_fold_tests(*e.as<Binary>(), tests);
    });
}

bool contains(const std::vector<Expr>& terms, const Expr& term) {
    return std::any_of(terms.begin(), terms.end(), [&](const Expr& other) { return equal(other, term); });
}

}  // namespace

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

Ranges inner_ranges(const Stmt& s) {
    std::map<Symbol, std::pair<std::int64_t, std::int64_t>> ends;
    std::set<Symbol> unknown;
    for_each_stmt(s, [&](const Stmt& statement) {
        const auto* loop = statement.as<For>();
        if (!loop) return;
        const auto range = constant_range(*loop);
        if (!range) {
            unknown.insert(loop->var);
            return;
        }
        auto& [first, end] = ends.try_emplace(loop->var, *range).first->second;
        first = std::min(first, range->first);
        end = std::max(end, range->second);
    });
    Ranges ranges;
    for (const auto& [symbol, range] : ends)
        if (!unknown.count(symbol)) ranges[symbol] = {Expr::integer(range.first), Expr::integer(range.second)};
    return ranges;
}

std::vector<Expr> tests_in(const Stmt& s) {
    std::vector<Expr> tests;
    for_each_stmt(s, [&](const Stmt& statement) {
        if (const auto* test = statement.as<If>())
            for (const Expr& term : terms_of(test->condition)) tests.push_back(term);
    });
    for_each_expr(s, [&](const Expr& e) {
        for_each_node(e, [&](const Expr& node) {
            if (const auto* choice = node.as<Select>())
                for (const Expr& term : terms_of(choice->condition)) tests.push_back(term);
            if (const auto* read = node.as<Read>())
                for (const Expr& index : read->indices) add_folding_tests(index, tests);
        });
    });
    return tests;
}

Stmt rewrite_terms(const Stmt& s, const std::function<Expr(const Expr&)>& change) {
    const auto reduce = [&](const Expr& condition) {
        std::vector<Expr> remaining;
        bool same = true;
        for (const Expr& term : terms_of(condition)) {
            const Expr changed = change(term);
            same = same && !changed.defined();
            if (!changed.defined() || !is_const(changed, 1)) remaining.push_back(changed.defined() ? changed : term);
        }
        return same ? condition : conjunction_of(remaining);
    };
    Mutator mutator;
    mutator.statement = [&](const Stmt& statement) -> Stmt {
        const auto* test = statement.as<If>();
        if (!test) return statement;
        const Expr condition = reduce(test->condition);
        if (is_const(condition, 1)) return test->then;
        if (condition.same_as(test->condition)) return statement;
        If node;
        node.condition = condition;
        node.then = test->then;
        return Stmt::make(std::move(node));
    };
    mutator.expression = [&](const Expr& e) {
        return rewrite(e, [&](const Expr& node) -> Expr {
            const auto* choice = node.as<Select>();
            if (!choice) return {};
            const Expr condition = reduce(choice->condition);
            if (is_const(condition, 1)) return choice->when_true;
            return condition.same_as(choice->condition) ? Expr()
                                                        : select(condition, choice->when_true, choice->when_false);
        });
    };
    return mutate(s, mutator);
}

Stmt assume(const Stmt& s, const std::vector<Expr>& proved) {
    return rewrite_terms(s, [&](const Expr& term) { return contains(proved, term) ? Expr(true) : Expr(); });
}

Stmt unfold(const Stmt& s, const std::vector<Expr>& proved) {
    const auto changes_nothing = [&](const Expr& fold) {
        std::vector<Expr> tests;
        add_fold_tests(*fold.as<Binary>(), tests);
        return std::all_of(tests.begin(), tests.end(), [&](const Expr& test) { return contains(proved, test); });
    };
    Mutator mutator;
    mutator.expression = [&](const Expr& e) {
        return rewrite(e, [&](const Expr& node) -> Expr {
            const auto* read = node.as<Read>();
            if (!read) return {};
            std::vector<Expr> indices = read->indices;
            bool changed = false;
            for (Expr& index : indices)
                index = rewrite(index, [&](const Expr& part) -> Expr {
                    Expr plain = part;
                    while (folds(plain) && changes_nothing(plain)) plain = plain.as<Binary>()->a;
                    changed = changed || !plain.same_as(part);
                    return plain.same_as(part) ? Expr() : plain;
                });
            return changed ? with_operands(node, indices) : Expr();
        });
    };
    return mutate(s, mutator);
}

Stmt unroll_tested(const Stmt& body, const std::set<Symbol>& tested) {
    Mutator unroll;
    unroll.statement = [&](const Stmt& s) -> Stmt {
        const auto* inner = s.as<For>();
        if (!inner || inner->kind != LoopKind::serial || tested.count(inner->var) == 0) return s;
        const auto range = constant_range(*inner);
        if (!range || range->second - range->first >= most_unrolled_taps) return s;
        For copy = *inner;
        copy.kind = LoopKind::unrolled;
        if (inner->min.as<IntImm>() && inner->extent.as<IntImm>()) return Stmt::make(std::move(copy));
        if (range->second - range->first >= most_edge_copies) return s;
        If taps;  // of a clipped loop those that take part
        taps.condition = inner->min <= Expr(inner->var) && Expr(inner->var) < inner->min + inner->extent;
        taps.then = inner->body;
        copy.min = Expr::integer(range->first);
        copy.extent = Expr::integer(range->second - range->first + 1);
        copy.body = Stmt::make(std::move(taps));
        return Stmt::make(std::move(copy));
    };
    return mutate(body, unroll);
}

}  // namespace heddle
