// codegen/passes/clip_loops.cpp -- clipped loops run over their valid range only.
#include "codegen/passes/clip_loops.h"

#include <algorithm>
#include <set>

#include "codegen/passes/conditions.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

// Symbols that loops inside a statement define.
std::set<Symbol> defined_inside(const Stmt& s) {
    std::set<Symbol> symbols;
    for_each_stmt(s, [&](const Stmt& statement) {
        if (const auto* loop = statement.as<For>()) symbols.insert(loop->var);
    });
    return symbols;
}

// Structural equality of tests is enough here: they come from one expression that was copied.
bool contains(const std::vector<Expr>& terms, const Expr& term) {
    for (const Expr& other : terms)
        if (equal(other, term)) return true;
    return false;
}

// The terms that guard every store inside.
std::optional<std::vector<Expr>> common_terms(const Stmt& s) {
    if (const auto* test = s.as<If>()) {
        std::vector<Expr> terms = terms_of(test->condition);
        if (auto inner = common_terms(test->then))
            for (const Expr& term : *inner) terms.push_back(term);
        return terms;
    }
    if (const auto* loop = s.as<For>()) return common_terms(loop->body);
    if (const auto* allocate = s.as<Allocate>()) return common_terms(allocate->body);
    if (const auto* list = s.as<Block>()) {
        std::optional<std::vector<Expr>> common;
        for (const Stmt& child : list->statements) {
            auto terms = common_terms(child);
            if (!terms) return std::nullopt;
            if (!common)
                common = terms;
            else
                std::erase_if(*common, [&](const Expr& term) { return !contains(*terms, term); });
        }
        return common;
    }
    return std::nullopt;
}

Expr floor_div(const Expr& a, std::int64_t b) { return b == 1 ? a : a / Expr::integer(b); }

/// A loop over the range in which terms hold.
struct Narrowed {
    For loop;
    std::vector<Expr> used;  ///< terms that hold in it
};

// By the terms whose other symbols are not defined inside.
std::optional<Narrowed> narrow(const For& loop, const std::vector<Expr>& terms, const std::set<Symbol>& inside) {
    Expr first = loop.min, end = loop.min + loop.extent;
    std::vector<Expr> used;
    for (const Expr& term : terms) {
        std::optional<Linear> sum = at_least_zero(in_parts(term));
        if (!sum) continue;
        const std::int64_t coefficient = factor_of(*sum, loop.var).value_or(0);
        if (coefficient == 0) continue;
        bool outer_only = true;
        Linear rest = *sum;
        std::erase_if(rest.terms, [&](const LinearTerm& t) { return uses(t.product, loop.var); });
        for (const LinearTerm& t : rest.terms)
            for (const Symbol& symbol : symbols_of(t.product)) outer_only = outer_only && inside.count(symbol) == 0;
        if (!outer_only) continue;
        // coefficient * var + rest >= 0
        if (coefficient > 0)  // var >= ceil(-rest / c) = floor((-rest + c - 1) / c)
            first = max(first, floor_div(to_expr(rest * -1 + linear_of(Expr::integer(coefficient - 1))), coefficient));
        else  // var <= floor(rest / -c)
            end = min(end, floor_div(to_expr(rest), -coefficient) + Expr::integer(1));
        used.push_back(term);
    }
    if (used.empty()) return {};
    For clipped = loop;
    clipped.clipped = false;
    clipped.min = first;
    clipped.extent = max(end - first, Expr::integer(0));
    clipped.facts.insert(clipped.facts.end(), used.begin(), used.end());
    clipped.facts.push_back(Expr(loop.var) < loop.min + loop.extent);  // first may lie past it, where nothing runs
    return Narrowed{std::move(clipped), std::move(used)};
}

// Without tests of terms that hold.
Stmt without(const Stmt& body, const std::vector<Expr>& used) {
    Mutator drop;
    drop.statement = [&](const Stmt& s) -> Stmt {
        const auto* test = s.as<If>();
        if (!test) return s;
        std::vector<Expr> remaining;
        for (const Expr& term : terms_of(test->condition))
            if (!contains(used, term)) remaining.push_back(term);
        if (remaining.empty()) return test->then;
        If node;
        node.condition = conjunction_of(remaining);
        node.then = test->then;
        return Stmt::make(std::move(node));
    };
    return mutate(body, drop);
}

Stmt clip(const For& loop) {
    const auto terms = common_terms(loop.body);
    if (!terms) return {};
    std::optional<Narrowed> narrowed = narrow(loop, *terms, defined_inside(loop.body));
    if (!narrowed) return {};
    For clipped = narrowed->loop;
    clipped.body = without(loop.body, narrowed->used);
    return Stmt::make(std::move(clipped));
}

bool reads(const Expr& e) {
    bool found = false;
    for_each_node(e, [&](const Expr& node) { found = found || node.as<Read>(); });
    return found;
}

// Tests that come out the same in all iterations, moved outside of the loop: a residue class without taps has none.
Stmt hoist_tests(const For& loop) {
    const auto terms = common_terms(loop.body);
    if (!terms) return {};
    std::set<Symbol> inside = defined_inside(loop.body);
    inside.insert(loop.var);
    const auto same = [&](const Expr& e) {
        const std::vector<Symbol> symbols = symbols_of(e);
        return std::none_of(symbols.begin(), symbols.end(), [&](const Symbol& s) { return inside.count(s) > 0; });
    };
    std::vector<Expr> used, tests;
    for (const Expr& term : *terms) {
        const Expr test = same(term) ? term : in_parts(term);
        if (!same(test) || !at_least_zero(test) || reads(test)) continue;
        used.push_back(term);
        tests.push_back(test);
    }
    if (used.empty()) return {};
    For bare = loop;
    bare.body = without(loop.body, used);
    If node;
    node.condition = conjunction_of(tests);
    node.then = Stmt::make(std::move(bare));
    return Stmt::make(std::move(node));
}

// Tests of the tiles of the only product inside, where all else that happens there is filling them with zeros outside.
struct ProductTests {
    std::vector<Expr> terms;
    std::set<Symbol> inside;  ///< loops and dimensions of tiles
    int products = 0;
    bool others = false;  ///< statements of other kinds
};

void look(const Stmt& s, ProductTests& found) {
    if (const auto* loop = s.as<For>()) {
        found.inside.insert(loop->var);
        look(loop->body, found);
    } else if (const auto* allocate = s.as<Allocate>()) {
        look(allocate->body, found);
    } else if (const auto* list = s.as<Block>()) {
        for (const Stmt& child : list->statements) look(child, found);
    } else if (const auto* copy = s.as<Copy>()) {
        for (const TileDim& dim : copy->dims) found.inside.insert(dim.var);
        const auto* fill = copy->fill.defined() ? copy->fill.as<FloatImm>() : nullptr;
        found.others = found.others || !fill || fill->value != 0;
        for (const Expr& term : terms_of(copy->predicate)) found.terms.push_back(term);
    } else if (const auto* mma = s.as<Mma>()) {
        for (const TileDim& dim : mma->dims) found.inside.insert(dim.var);
        ++found.products;
    } else {
        found.others = true;
    }
}

// A loop of one iteration where the tests of the tiles inside that do not change there hold, and of none elsewhere:
// a residue class without taps has no steps.
Stmt run_where_tests_hold(const For& loop, const ProductTests& found) {
    Expr holds;
    for (const Expr& term : found.terms) {
        const Expr test = in_parts(term);
        const std::vector<Symbol> symbols = symbols_of(test);
        const bool fixed = std::none_of(symbols.begin(), symbols.end(),
                                        [&](const Symbol& s) { return s == loop.var || found.inside.count(s) > 0; });
        if (symbols.empty() || !fixed || !at_least_zero(test) || reads(test)) continue;
        holds = holds.defined() ? holds && test : test;
    }
    if (!holds.defined()) return {};
    For once;
    once.var = Symbol("once", SymbolKind::loop);
    once.min = Expr::integer(0);
    once.extent = select(holds, Expr::integer(1), Expr::integer(0));
    once.body = Stmt::make(loop);
    return Stmt::make(std::move(once));
}

// The outermost loops that hold a product and nothing else.
Stmt without_empty_products(const Stmt& s) {
    if (const auto* loop = s.as<For>()) {
        ProductTests found;
        look(loop->body, found);
        if (!found.others && found.products == 1 && loop->kind == LoopKind::serial) {
            const Stmt once = run_where_tests_hold(*loop, found);
            return once.empty() ? s : once;
        }
    }
    if (const auto* loop = s.as<For>()) {
        For outer = *loop;
        outer.body = without_empty_products(loop->body);
        return outer.body.same_as(loop->body) ? s : Stmt::make(std::move(outer));
    }
    if (const auto* allocate = s.as<Allocate>()) {
        Allocate outer = *allocate;
        outer.body = without_empty_products(allocate->body);
        return outer.body.same_as(allocate->body) ? s : Stmt::make(std::move(outer));
    }
    if (const auto* list = s.as<Block>()) {
        std::vector<Stmt> statements;
        bool changed = false;
        for (const Stmt& child : list->statements) {
            statements.push_back(without_empty_products(child));
            changed = changed || !statements.back().same_as(child);
        }
        return changed ? block(std::move(statements)) : s;
    }
    return s;
}

}  // namespace

Stmt clip_products(const Stmt& body) {
    Mutator mutator;
    mutator.statement = [](const Stmt& s) -> Stmt {
        const auto* loop = s.as<For>();
        if (!loop || !loop->clipped) return s;
        ProductTests found;
        look(loop->body, found);
        if (found.others || found.products != 1) return s;
        std::optional<Narrowed> narrowed = narrow(*loop, found.terms, found.inside);
        return narrowed ? Stmt::make(std::move(narrowed->loop)) : s;
    };
    return without_empty_products(mutate(body, mutator));
}

Stmt clip_loops(const Stmt& body, const Target& target) {
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        const auto* loop = s.as<For>();
        if (!loop) return s;
        if (!loop->clipped) {
            if (target.kind != TargetKind::host || loop->kind != LoopKind::serial) return s;
            const Stmt hoisted = hoist_tests(*loop);
            return hoisted.empty() ? s : hoisted;
        }
        if (Stmt clipped = clip(*loop); !clipped.empty()) return clipped;
        For plain = *loop;  // nothing to clip by: the loop stays whole
        plain.clipped = false;
        return Stmt::make(std::move(plain));
    };
    return mutate(body, mutator);
}

}  // namespace heddle
