// codegen/passes/partition_loops.cpp -- partitioned loops become edge and interior ranges.
//
// For a loop v in [0, E) whose body tests a*v + (terms of inner loops) >= 0, the tests that hold for all inner values
// bound v from below (a > 0) or above (a < 0): that is the interior, whose copy of the body has no such test. What is
// left at both ends is emitted iteration by iteration with v a constant, and small loops whose variables occur in the
// tests are unrolled there, so that the validity of each tap is known. An index that a boundary folds back into its
// tensor, as in x[min(max(i - 1, 0), N - 1)], counts as a test of where the folding changes nothing; there it vanishes
// when the interior is simplified. Loops over run-time sizes: partition_run_time.h.
#include "codegen/passes/partition_loops.h"

#include <map>
#include <set>

#include "codegen/passes/conditions.h"
#include "codegen/passes/edge_tests.h"
#include "codegen/passes/partition_run_time.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

Ranges within(Ranges ranges, const Ranges& outside) {
    ranges.insert(outside.begin(), outside.end());
    return ranges;
}

// The body once for each value of variables around that have few, as the classes of a strided gradient: tests of
// quotients and remainders are constants then.
Stmt for_each_class(const Stmt& body, const Ranges& classes) {
    Stmt result = body;
    for (const auto& [symbol, range] : classes) {
        std::vector<Stmt> cases;
        for (std::int64_t value = range.min.as<IntImm>()->value; value <= range.max.as<IntImm>()->value; ++value) {
            If node;
            node.condition = binary(BinaryOp::eq, Expr(symbol), Expr::integer(value));
            node.then = substitute(result, {{symbol, Expr::integer(value)}});
            cases.push_back(Stmt::make(std::move(node)));
        }
        result = block(std::move(cases));
    }
    return result;
}

// One edge iteration: the loop's variable is a constant, and loops that the remaining tests depend on are unrolled.
Stmt edge_copy(const For& loop, std::int64_t value, const std::set<Symbol>& tested, const Ranges& classes) {
    return for_each_class(unroll_tested(substitute(loop.body, {{loop.var, Expr::integer(value)}}), tested), classes);
}

/// `again`: still to be partitioned by tests of loops around, once these are constants.
Stmt range_loop(const For& loop, std::int64_t begin, std::int64_t end, Stmt body, bool again = false) {
    if (end <= begin) return {};
    if (end - begin == 1 && loop.kind != LoopKind::parallel)
        return substitute(body, {{loop.var, Expr::integer(begin)}});
    For copy = loop;
    copy.partitioned = again;
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

bool is_few(const SymbolicRange& range) {
    const auto *first = range.min.as<IntImm>(), *last = range.max.as<IntImm>();
    return first && last && last->value - first->value < most_edge_copies;
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
    bool undecided = false;
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
        undecided = undecided || !known;
        if (!known) continue;
        // coefficient * v + worst >= 0
        if (coefficient > 0)
            low = std::max(low, -floor_quotient(worst, coefficient));
        else
            high = std::min(high, floor_quotient(worst, -coefficient) + 1);
        decided.push_back(term);
        for (const LinearTerm& part : sum->terms)
            for (const Symbol& symbol : symbols_of(part.product))
                if (symbol != loop.var) tested.insert(symbol);
    }
    if (decided.empty()) return {};
    low = std::min(low, end);
    high = std::max(high, low);
    Ranges classes;
    if (loop.kind == LoopKind::serial)
        for (const Symbol& symbol : tested)
            if (const auto range = outside.find(symbol);
                range != outside.end() && !ranges.count(symbol) && is_few(range->second))
                classes.insert(*range);
    std::vector<Stmt> parts;
    const auto edge = [&](std::int64_t from, std::int64_t to) {
        if (to - from <= most_edge_copies && loop.kind != LoopKind::parallel)
            for (std::int64_t v = from; v < to; ++v) parts.push_back(edge_copy(loop, v, tested, classes));
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
    const Stmt interior = assume(loop.body, decided);
    const bool less = low > begin || high < end || tests_in(interior).size() < tests_in(loop.body).size();
    const bool again = undecided && less && loop.kind == LoopKind::serial;
    parts.push_back(range_loop(loop, low, high, interior, again));
    edge(high, end);
    return block(std::move(parts));
}

}  // namespace

Stmt partition_loops(const Stmt& body, const Target& target) {
    const Ranges all = inner_ranges(body);
    std::vector<Expr> conditions;
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        const auto* loop = s.as<For>();
        if (!loop || !loop->partitioned) return s;
        Stmt parts = partition(*loop, all);
        if (parts.empty() && target.kind == TargetKind::host && !loop->extent.as<IntImm>())
            if (std::optional<RunTimeParts> run_time = partition_run_time(*loop)) {
                parts = std::move(run_time->parts);
                for (const Expr& condition : run_time->conditions)
                    if (!is_const(simplify(condition), 1)) conditions.push_back(condition);
            }
        // Loops inside that no test bounded may be bounded where this one's variable is a constant.
        return parts.empty() ? s : mutate(parts, mutator);
    };
    Mutator whole;
    whole.statement = [](const Stmt& s) {
        const auto* loop = s.as<For>();
        if (!loop || !loop->partitioned) return s;
        For plain = *loop;
        plain.partitioned = false;
        return Stmt::make(std::move(plain));
    };
    Stmt parts = mutate(mutate(body, mutator), whole);
    if (conditions.empty()) return parts;
    // Sizes too small for the parts run all loops whole.
    If large, small;
    large.condition = conjunction_of(conditions);
    large.then = parts;
    small.condition = !large.condition;
    small.then = mutate(body, whole);
    return block({Stmt::make(std::move(large)), Stmt::make(std::move(small))});
}

}  // namespace heddle
