// codegen/passes/simplify_statements.cpp -- simplifies within the ranges of the loops, drops what cannot run.
#include "codegen/passes/simplify_statements.h"

#include "codegen/passes/conditions.h"
#include "codegen/passes/loop_tests.h"
#include "dsl/interval.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

class Simplifier {
public:
    explicit Simplifier(bool device) : device_(device) {}

    Stmt run(const Stmt& s) {
        if (s.empty()) return s;
        if (const auto* list = s.as<Block>()) {
            std::vector<Stmt> parts;
            for (const Stmt& child : list->statements) parts.push_back(run(child));
            return block(std::move(parts));
        }
        if (const auto* loop = s.as<For>()) return run_loop(*loop);
        if (const auto* test = s.as<If>()) return run_test(*test);
        if (const auto* let = s.as<Let>()) {
            Let copy = *let;
            copy.value = simplify(let->value, ranges_);
            ranges_[let->var] = bounds_of(copy.value);
            copy.body = run(let->body);
            ranges_.erase(let->var);
            return copy.body.empty() ? Stmt() : Stmt::make(std::move(copy));
        }
        if (const auto* allocate = s.as<Allocate>()) {
            Allocate copy = *allocate;
            copy.body = run(copy.body);
            return copy.body.empty() ? Stmt() : Stmt::make(std::move(copy));
        }
        Mutator mutator;
        mutator.expression = [&](const Expr& e) { return simplify(e, ranges_); };
        return mutate(s, mutator);
    }

private:
    Stmt run_loop(const For& loop) {
        For copy = loop;
        copy.min = simplify(loop.min, ranges_);
        copy.extent = simplify(loop.extent, ranges_);
        if (const auto* extent = copy.extent.as<IntImm>(); extent && extent->value <= 0) return {};
        const bool single = is_const(copy.extent, 1) && copy.facts.empty() &&
                            (loop.kind == LoopKind::serial || loop.kind == LoopKind::unrolled);
        if (single && device_) return run(substitute(loop.body, {{loop.var, copy.min}}));
        const bool side_by_side = loop.kind == LoopKind::unrolled || loop.kind == LoopKind::vectorized;
        if (device_ && loop.kind == LoopKind::unrolled && unrolled_ == 0)
            if (const std::vector<For> parts = ends_and_interior(copy); !parts.empty()) {
                std::vector<Stmt> statements;
                for (const For& part : parts) statements.push_back(run_loop(part));
                return block(std::move(statements));
            }
        ranges_[loop.var] = {copy.min, simplify(copy.min + copy.extent - Expr::integer(1), ranges_)};
        unrolled_ += side_by_side ? 1 : 0;
        copy.body = run(loop.body);
        unrolled_ -= side_by_side ? 1 : 0;
        ranges_.erase(loop.var);
        if (copy.body.empty()) return {};
        return device_ && side_by_side ? tested_outside(std::move(copy)) : Stmt::make(std::move(copy));
    }

    // Of an unrolled loop whose tests only the first and the last iterations can fail: those, and the others without.
    std::vector<For> ends_and_interior(const For& loop) const {
        constexpr std::int64_t least_interior = 3, most_ends = 2;
        const auto* min = loop.min.as<IntImm>();
        const auto* extent = loop.extent.as<IntImm>();
        if (!min || !extent || extent->value <= least_interior) return {};
        const auto [low, high] = interior_of(loop, ranges_);
        const std::int64_t ends = extent->value - (high - low);
        if (ends == 0 || ends > most_ends || high - low < least_interior) return {};
        std::vector<For> parts;
        const std::int64_t bounds[] = {min->value, low, high, min->value + extent->value};
        for (int i = 0; i < 3; ++i) {
            if (bounds[i] == bounds[i + 1]) continue;
            parts.push_back(loop);
            parts.back().min = Expr::integer(bounds[i]);
            parts.back().extent = Expr::integer(bounds[i + 1] - bounds[i]);
        }
        return parts;
    }

    // Tests of a loop's whole body that do not depend on it are made once, outside of it.
    static Stmt tested_outside(For loop) {
        const auto* test = loop.body.as<If>();
        if (!test) return Stmt::make(std::move(loop));
        std::vector<Expr> outside, inside;
        for (const Expr& term : terms_of(test->condition)) {
            bool fixed = !uses(term, loop.var);
            for_each_node(term, [&](const Expr& node) { fixed = fixed && !node.as<Read>(); });
            (fixed ? outside : inside).push_back(term);
        }
        if (outside.empty()) return Stmt::make(std::move(loop));
        Stmt body = test->then;
        if (!inside.empty()) {
            If rest;
            rest.condition = conjunction_of(inside);
            rest.then = std::move(body);
            body = Stmt::make(std::move(rest));
        }
        loop.body = std::move(body);
        If whole;
        whole.condition = conjunction_of(outside);
        whole.then = Stmt::make(std::move(loop));
        return Stmt::make(std::move(whole));
    }

    Stmt run_test(const If& test) {
        std::vector<Expr> remaining;
        for (const Expr& term : terms_of(test.condition)) {
            const std::optional<bool> decided = prove(term, ranges_);
            if (decided == true) continue;
            if (decided == false) return {};
            remaining.push_back(simplify(term, ranges_));
            if (is_const(remaining.back(), 0)) return {};
            if (is_const(remaining.back(), 1)) remaining.pop_back();
        }
        Stmt then = run(test.then);
        if (remaining.empty() || then.empty()) return then;
        If node;
        node.condition = conjunction_of(remaining);
        node.then = std::move(then);
        return Stmt::make(std::move(node));
    }

    // In numbers where there are some: what a value reads may have changed where its name is used.
    SymbolicRange bounds_of(const Expr& value) const {
        const Interval range = interval_of(value, ranges_);
        SymbolicRange bounds;
        if (range.min != Interval::minus_infinity) bounds.min = Expr::integer(range.min);
        if (range.max != Interval::plus_infinity) bounds.max = Expr::integer(range.max);
        return bounds;
    }

    Ranges ranges_;
    int unrolled_ = 0;  ///< loops around
    bool device_;  ///< loops of one iteration vanish, ends of unrolled ones are apart; no use for the host's emitter
};

}  // namespace

Stmt simplify_statements(const Stmt& body, const Target& target) {
    return Simplifier(target.kind == TargetKind::cuda).run(body);
}

}  // namespace heddle
