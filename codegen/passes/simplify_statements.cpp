// codegen/passes/simplify_statements.cpp -- simplifies within the ranges of the loops, drops what cannot run.
#include "codegen/passes/simplify_statements.h"

#include "codegen/passes/conditions.h"
#include "dsl/interval.h"
#include "dsl/simplify.h"

namespace heddle {
namespace {

class Simplifier {
public:
    explicit Simplifier(bool drops_single) : drops_single_(drops_single) {}

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
        if (single && drops_single_) return run(substitute(loop.body, {{loop.var, copy.min}}));
        ranges_[loop.var] = {copy.min, simplify(copy.min + copy.extent - Expr::integer(1), ranges_)};
        copy.body = run(loop.body);
        ranges_.erase(loop.var);
        return copy.body.empty() ? Stmt() : Stmt::make(std::move(copy));
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
    bool drops_single_;  ///< loops of one iteration; the host's emitter has no use for that
};

}  // namespace

Stmt simplify_statements(const Stmt& body, const Target& target) {
    return Simplifier(target.kind == TargetKind::cuda).run(body);
}

}  // namespace heddle
