// codegen/passes/partition_loops.cpp -- partitioned loops become edge and interior ranges.
//
// For a loop v in [0, E) whose body tests a*v + (terms of inner loops) >= 0, the tests that hold for all inner values
// bound v from below (a > 0) or above (a < 0): that is the interior, whose copy of the body has no such test. What is
// left at both ends is emitted iteration by iteration with v a constant, and small loops whose variables occur in the
// tests are unrolled there, so that the validity of each tap is known. An index that a boundary folds back into its
// tensor, as in x[min(max(i - 1, 0), N - 1)], counts as a test of where the folding changes nothing; there it vanishes
// when the interior is simplified.
#include "codegen/passes/partition_loops.h"

#include <map>
#include <set>

#include "codegen/passes/conditions.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t most_edge_copies = 4;  // a side; more edge iterations stay a loop with tests
constexpr std::int64_t most_unrolled_taps = 16;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

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

// Constant ranges of the variables of loops inside a statement, over all loops of a variable (its own parts, when it
// was partitioned already); variables of loops with other bounds are absent.
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

Ranges within(Ranges ranges, const Ranges& outside) {
    ranges.insert(outside.begin(), outside.end());
    return ranges;
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

// Where the folding of an index changes nothing.
void add_folding_tests(const Expr& index, std::vector<Expr>& tests) {
    for_each_node(index, [&](const Expr& e) {
        if (!folds(e)) return;
        const auto* fold = e.as<Binary>();
        const Expr plain = unfolded(fold->a), other = unfolded(fold->b);
        if (fold->op != BinaryOp::min) tests.push_back(fold->op == BinaryOp::max ? other <= plain : Expr(0) <= plain);
        if (fold->op != BinaryOp::max) tests.push_back(fold->op == BinaryOp::min ? plain <= other : plain < other);
    });
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

// Drops the tests in `proved` (they hold throughout the statement).
Stmt assume(const Stmt& s, const std::vector<Expr>& proved) {
    const auto holds = [&](const Expr& term) {
        for (const Expr& other : proved)
            if (equal(other, term)) return true;
        return false;
    };
    const auto reduce = [&](const Expr& condition) {
        std::vector<Expr> remaining;
        for (const Expr& term : terms_of(condition))
            if (!holds(term)) remaining.push_back(term);
        return conjunction_of(remaining);
    };
    Mutator mutator;
    mutator.statement = [&](const Stmt& statement) -> Stmt {
        const auto* test = statement.as<If>();
        if (!test) return statement;
        const Expr condition = reduce(test->condition);
        if (is_const(condition, 1)) return test->then;
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

// One edge iteration: the loop's variable is a constant, and loops that the remaining tests depend on are unrolled.
Stmt edge_copy(const For& loop, std::int64_t value, const std::set<Symbol>& tested) {
    Stmt body = substitute(loop.body, {{loop.var, Expr::integer(value)}});
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

Stmt range_loop(const For& loop, std::int64_t begin, std::int64_t end, Stmt body) {
    if (end <= begin) return {};
    if (end - begin == 1 && loop.kind != LoopKind::parallel)
        return substitute(body, {{loop.var, Expr::integer(begin)}});
    For copy = loop;
    copy.partitioned = false;
    copy.min = Expr::integer(begin);
    copy.extent = Expr::integer(end - begin);
    copy.body = std::move(body);
    return Stmt::make(std::move(copy));
}

// The body in iterations from begin to end.
Stmt where(const For& loop, std::int64_t begin, std::int64_t end, Stmt body) {
    if (end <= begin) return {};
    If node;
    node.condition =
        binary(BinaryOp::logical_and, Expr::integer(begin) <= Expr(loop.var), Expr(loop.var) < Expr::integer(end));
    node.then = std::move(body);
    return Stmt::make(std::move(node));
}

/// `outside`: ranges of loops anywhere in the function.
Stmt partition(const For& loop, const Ranges& outside) {
    const auto* min = loop.min.as<IntImm>();
    const auto* extent = loop.extent.as<IntImm>();
    if (!min || !extent) return {};
    const std::int64_t begin = min->value, end = begin + extent->value;
    std::int64_t low = begin, high = end;
    const Ranges ranges = inner_ranges(loop.body);
    std::vector<Expr> decided;
    std::set<Symbol> tested;
    for (const Expr& term : tests_in(loop.body)) {
        const std::optional<Linear> sum = at_least_zero(in_parts(term));
        if (!sum) continue;
        const std::int64_t coefficient = factor_of(*sum, loop.var).value_or(0);
        if (coefficient == 0) continue;
        std::int64_t worst = sum->constant;
        bool known = true;
        for (const LinearTerm& part : sum->terms) {
            if (uses(part.product, loop.var)) continue;
            // Of a loop around, only what a quotient or a remainder leaves of it is small enough to reckon with.
            const bool bare = part.product.as<Variable>() != nullptr;
            const Interval range = interval_of(part.product, bare ? ranges : within(ranges, outside));
            const std::int64_t end = part.factor > 0 ? range.min : range.max;
            if (end == Interval::minus_infinity || end == Interval::plus_infinity)
                known = false;
            else
                worst += part.factor * end;
        }
        if (!known) continue;
        // coefficient * v + worst >= 0
        if (coefficient > 0)
            low = std::max(low, -floor_div(worst, coefficient));
        else
            high = std::min(high, floor_div(worst, -coefficient) + 1);
        decided.push_back(term);
        for (const LinearTerm& part : sum->terms)
            for (const Symbol& symbol : symbols_of(part.product))
                if (symbol != loop.var) tested.insert(symbol);
    }
    if (decided.empty()) return {};
    low = std::min(low, end);
    high = std::max(high, low);
    std::vector<Stmt> parts;
    const auto edge = [&](std::int64_t from, std::int64_t to) {
        if (to - from <= most_edge_copies && loop.kind != LoopKind::parallel)
            for (std::int64_t v = from; v < to; ++v) parts.push_back(edge_copy(loop, v, tested));
        else
            parts.push_back(range_loop(loop, from, to, loop.body));
    };
    if (loop.kind >= LoopKind::block_x) {  // blocks and threads keep their iteration: each comes to one of the parts
        parts = {where(loop, begin, low, loop.body), where(loop, low, high, assume(loop.body, decided)),
                 where(loop, high, end, loop.body)};
        For whole = loop;
        whole.partitioned = false;
        whole.body = block(std::move(parts));
        return Stmt::make(std::move(whole));
    }
    edge(begin, low);
    parts.push_back(range_loop(loop, low, high, assume(loop.body, decided)));
    edge(high, end);
    return block(std::move(parts));
}

}  // namespace

Stmt partition_loops(const Stmt& body, const Target&) {
    const Ranges all = inner_ranges(body);
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        const auto* loop = s.as<For>();
        if (!loop || !loop->partitioned) return s;
        if (Stmt parts = partition(*loop, all); !parts.empty()) return parts;
        For plain = *loop;
        plain.partitioned = false;
        return Stmt::make(std::move(plain));
    };
    return mutate(body, mutator);
}

}  // namespace heddle
