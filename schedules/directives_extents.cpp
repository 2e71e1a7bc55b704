// schedules/directives_extents.cpp -- align, extend: loops that begin before the first iteration or end past the last.
#include <fmt/core.h>

#include <algorithm>

#include "dsl/linear.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "schedules/directive_functions.h"
#include "schedules/directive_loops.h"
#include "schedules/directive_support.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t most_elements = 64, most_beside = 4096;

// `a < b` or `a <= b` as a sum that is not negative.
std::optional<Linear> at_least_zero(const Expr& test) {
    const auto* sides = test.as<Binary>();
    if (!sides || (sides->op != BinaryOp::lt && sides->op != BinaryOp::le)) return {};
    return linear_of(sides->b - sides->a - Expr::integer(sides->op == BinaryOp::lt ? 1 : 0));
}

// A test of an aligned loop holds only where the other does: so many times the other's sum is more than its own, less a
// part of one.
bool follows(const Expr& test, const Expr& from, const Ranges& ranges) {
    const std::optional<Linear> mine = at_least_zero(test), given = at_least_zero(from);
    if (!mine || !given || mine->terms.empty()) return false;
    const bool aligned = std::any_of(given->terms.begin(), given->terms.end(), [](const LinearTerm& term) {
        const auto* rest = term.product.as<Binary>();
        return rest && rest->op == BinaryOp::mod;
    });
    for (const LinearTerm& term : given->terms) {
        if (!aligned || !equal(term.product, mine->terms[0].product)) continue;
        const std::int64_t times = term.factor / mine->terms[0].factor;
        if (times > 0 && interval_of(to_expr(*mine * times - *given), ranges).min > -times) return true;
    }
    return false;
}

// How far the element at the loop's first iteration lies past a multiple of so many elements of the tensor.
Expr first_element(const StageNest& stage, const std::string& name, const Loop& loop, std::int64_t elements) {
    const Definition& definition = *stage.stage.definition;
    const AnyTensor tensor = stage.stage.targets[0].name() == name ? stage.stage.targets[0] : tensor_read(stage, name);
    const bool writes = tensor == stage.stage.targets[0];
    const std::vector<Expr>& indices = writes ? definition.left : reads_of(definition, tensor)[0]->indices;
    Expr place(0), stride(1);
    bool moves = false;
    for (int d = tensor.rank(); d-- > 0;) {
        const Expr index = over_loops(stage, indices[static_cast<std::size_t>(d)]);
        const Expr first = simplify(substitute(index, {{loop.var, Expr::integer(0)}}));
        const bool bare = is_const(simplify(index - first - Expr(loop.var)), 0);
        if (uses(index, loop.var) && !(bare && d + 1 == tensor.rank()))
            refuse(fmt::format("{} does not step through {} element by element: {} is read at {}", loop.name(), name,
                               name, index_text(index)));
        moves = moves || bare;
        const auto* step = stride.as<IntImm>();
        const Expr factor = step ? Expr::integer(step->value % elements) : stride;
        place = place + factor * first;
        stride = simplify(stride * tensor.shape()[d].expr());
    }
    if (!moves) refuse(fmt::format("{} does not step through {}", loop.name(), name));
    return simplify(place % Expr::integer(elements), stage.ranges());
}

}  // namespace

void require_plain(const LoopNest& nest, const StageNest& stage, const Loop& loop, const std::string& directive) {
    std::string already;
    if (loop.kind != LoopKind::serial)
        already = name_of(loop.kind);
    else if (loop.unroll > 1)
        already = "unrolled";
    else if (loop.partitioned)
        already = "partitioned";
    else if (loop.clipped)
        already = "clipped";
    else if (loop.pipeline > 0)
        already = "pipelined";
    if (!already.empty())
        refuse(fmt::format("{} is {} already: {} comes before that", loop.name(), already, directive));
    require_unused(nest, stage, loop, directive);
}

Symbol protected_variable(const StageNest& stage, const Symbol& loop) {
    const std::vector<Symbol> variables = variables_of(stage, loop);
    return variables.empty() ? Symbol() : variables[0];
}

void add_guard(LoopNest& nest, StageNest& stage, const Guard& guard) {
    const Ranges ranges = all_ranges(nest, stage);
    if (std::none_of(stage.guards.begin(), stage.guards.end(),
                     [&](const Guard& other) { return follows(guard.condition, other.condition, ranges); }))
        stage.guards.push_back(guard);
    for (StageNest& placed : nest.stages) {
        if (placed.placement != Placement::at || placed.placed_in != stage.stage.name()) continue;
        for (const Symbol& symbol : symbols_of(guard.condition)) {
            const std::vector<Symbol> variables = variables_of(placed, symbol);
            if (variables.empty()) continue;
            add_guard(nest, placed, {guard.condition, variables[0]});
            break;
        }
    }
}

namespace directives {

void align(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "align", {"loop", "tensor", "elements"}, 3);
    const Loop loop = loop_named(stage, arguments.word("loop"));
    const std::int64_t elements = arguments.integer("elements");
    if (elements < 2 || elements > most_elements || (elements & (elements - 1)) != 0)
        refuse(fmt::format("elements must be a power of two from 2 to {}, not {}", most_elements, elements));
    require_plain(nest, stage, loop, "align");
    const Expr shift = first_element(stage, arguments.word("tensor"), loop, elements);
    if (is_const(shift, 0)) return;
    const Symbol variable = protected_variable(stage, loop.var);
    Loop& moved = stage.loops[stage.position(loop.var)];
    moved.var = Symbol(loop.name(), loop.var.kind());
    moved.extent =
        simplify((loop.extent + Expr::integer(2 * elements - 2)) / Expr::integer(elements) * Expr::integer(elements));
    const Expr value = Expr(moved.var) - shift;
    replace_loop(nest, stage, {{loop.var, value}});
    if (!variable.defined()) return;
    add_guard(nest, stage, {Expr::integer(0) <= value, variable});
    add_guard(nest, stage, {value < loop.extent, variable});
}

void extend(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "extend", {"loop", "before", "after"}, 3);
    const Loop loop = loop_named(stage, arguments.word("loop"));
    const std::int64_t before = arguments.integer("before"), after = arguments.integer("after");
    if (before < 0 || after < 0 || before > most_beside || after > most_beside)
        refuse(fmt::format("before and after must lie in 0 to {}, not {} and {}", most_beside, before, after));
    require_plain(nest, stage, loop, "extend");
    if (before + after == 0) return;
    const Symbol variable = protected_variable(stage, loop.var);
    Loop& moved = stage.loops[stage.position(loop.var)];
    moved.var = Symbol(loop.name(), loop.var.kind());
    moved.extent = simplify(loop.extent + Expr::integer(before + after));
    const Expr value = simplify(Expr(moved.var) - Expr::integer(before));
    replace_loop(nest, stage, {{loop.var, value}});
    if (!variable.defined()) return;
    if (before > 0) add_guard(nest, stage, {Expr::integer(0) <= value, variable});
    if (after > 0) add_guard(nest, stage, {value < loop.extent, variable});
}

}  // namespace directives
}  // namespace heddle
