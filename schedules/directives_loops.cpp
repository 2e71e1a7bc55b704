// schedules/directives_loops.cpp -- split, fuse, reorder, tile, unroll, vectorize, parallel, partition, clip.
#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "dsl/linear.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "runtime/text.h"
#include "schedules/directive_functions.h"
#include "schedules/directive_loops.h"
#include "schedules/directive_support.h"
#include "schedules/tile_box.h"

namespace heddle::directives {
namespace {

constexpr std::int64_t most_unrolled = 64, most_lanes = 64;
constexpr std::int64_t largest_factor = std::int64_t{1} << 30;

void require_new_name(StageNest& stage, const std::string& name) {
    if (name.empty()) refuse("a loop needs a name");
    if (stage.find(name))
        refuse(fmt::format("there is a loop '{}' in {} already; its loops are {}", name, stage.stage.name(),
                           loop_names(stage)));
}

Tail parse_tail(const std::string& word) {
    constexpr Tail tails[] = {Tail::guard, Tail::peel, Tail::shrink, Tail::round_up};
    return tails[choose(word, {"guard", "peel", "shrink", "round_up"}, "tail")];
}

// The last iteration moves back, which computes some elements twice.
void require_shrinkable(const StageNest& stage, const Loop& loop, std::int64_t factor) {
    if (loop.reduced)
        refuse(fmt::format("tail=shrink would count some points of {} twice, as it is reduced; guard or peel are legal",
                           loop.name()));
    if (stage.stage.definition->op != UpdateOp::assign && !has_bare_left(*stage.stage.definition))
        refuse(
            fmt::format("tail=shrink would add some points of {} twice: {} has computed left indices; guard or peel "
                        "are legal",
                        loop.name(), stage.stage.name()));
    if (prove(Expr::integer(factor) <= loop.extent, {}) != true)
        refuse(fmt::format("tail=shrink needs an extent of at least the factor {}; that of {} is {}", factor,
                           loop.name(), print(loop.extent)));
}

void split_loop(LoopNest& nest, StageNest& stage, const std::string& name, std::int64_t factor, Tail tail) {
    const Loop loop = loop_named(stage, name);
    if (factor < 1) refuse("the factor must be at least 1");
    if (factor > largest_factor) refuse(fmt::format("the factor must be at most {}", largest_factor));
    require_plain(nest, stage, loop, "split");
    require_new_name(stage, name + ".o");
    require_new_name(stage, name + ".i");
    const std::optional<std::int64_t> extent = static_extent(loop);
    if (extent) factor = std::max<std::int64_t>(1, std::min(factor, *extent));
    const bool divides = extent ? *extent % factor == 0
                                : prove(equals(loop.extent % Expr::integer(factor), Expr::integer(0)), {}) == true;
    if (!divides && tail == Tail::round_up)
        refuse(fmt::format("tail=round_up needs an extent that is a multiple of the factor {}; that of {} is {}",
                           factor, loop.name(), print(loop.extent)));
    if (!divides && tail == Tail::shrink) require_shrinkable(stage, loop, factor);
    const Symbol variable = protected_variable(stage, loop.var);

    Loop outer = loop, inner = loop;
    outer.var = Symbol(name + ".o", loop.var.kind());
    inner.var = Symbol(name + ".i", loop.var.kind());
    outer.extent = extent ? Expr::integer((*extent + factor - 1) / factor)
                          : simplify((loop.extent + Expr::integer(factor - 1)) / Expr::integer(factor));
    inner.extent = Expr::integer(factor);
    outer.partitioned = !divides && tail == Tail::peel;
    const int position = stage.position(loop.var);
    stage.loops[position] = outer;
    stage.loops.insert(stage.loops.begin() + position + 1, inner);

    Expr first = Expr(outer.var) * Expr::integer(factor);
    if (!divides && tail == Tail::shrink) first = min(first, loop.extent - Expr::integer(factor));
    const Expr value = simplify(first + Expr(inner.var));
    replace_loop(nest, stage, {{loop.var, value}});
    if (!divides && (tail == Tail::guard || tail == Tail::peel) && variable.defined())
        add_guard(nest, stage, {value < loop.extent, variable});
}

// Places a subset of the loops in this order into the positions that they take up now.
void reorder_loops(StageNest& stage, const std::vector<std::string>& names) {
    std::vector<int> positions;
    std::vector<Loop> ordered;
    for (const std::string& name : names) {
        const Loop& loop = loop_named(stage, name);
        const int position = stage.position(loop.var);
        if (std::count(positions.begin(), positions.end(), position)) refuse(fmt::format("{} is named twice", name));
        positions.push_back(position);
        ordered.push_back(loop);
    }
    std::sort(positions.begin(), positions.end());
    for (std::size_t i = 0; i < ordered.size(); ++i) stage.loops[positions[i]] = ordered[i];
}

std::string bounded_reads(const Definition& definition) {
    std::vector<std::string> parts;
    for (const Read* read : reads_of(definition))
        if (read->boundary.mode != BoundaryMode::none)
            parts.push_back(fmt::format("{}({})", name_of(read->boundary.mode), AnyTensor(read->tensor).name()));
    return parts.empty() ? "no read has a boundary" : "the reads with a boundary are " + join(parts, ", ");
}

}  // namespace

void split(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "split", {"loop", "factor", "tail"}, 2);
    split_loop(nest, stage, arguments.word("loop"), arguments.integer("factor"),
               parse_tail(arguments.word("tail", "guard")));
}

void fuse(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "fuse", {"loops", "name"}, 2);
    const std::vector<std::string> names = arguments.words("loops");
    const std::string& fused_name = arguments.word("name");
    if (names.size() < 2) refuse("fuse takes two loops or more");
    std::vector<Loop> parts;
    for (const std::string& name : names) {
        const Loop loop = loop_named(stage, name);
        require_plain(nest, stage, loop, "fuse");
        const int position = stage.position(loop.var);
        if (!parts.empty() && position != stage.position(parts.back().var) + 1)
            refuse(fmt::format("{} must lie directly inside {}; the loops are {}: reorder them first", name,
                               parts.back().name(), loop_names(stage)));
        if (!parts.empty() && loop.reduced != parts[0].reduced)
            refuse(fmt::format("{} is reduced and {} is not: a fused loop is one or the other",
                               loop.reduced ? name : parts[0].name(), loop.reduced ? parts[0].name() : name));
        parts.push_back(loop);
    }
    if (std::find(names.begin(), names.end(), fused_name) == names.end()) require_new_name(stage, fused_name);

    Loop fused = parts[0];
    fused.var = Symbol(fused_name, parts[0].var.kind());
    Expr inside = Expr::integer(1);  // points of one iteration of the part at hand
    Substitution values;
    for (std::size_t i = parts.size(); i-- > 0;) {
        Expr value = is_const(inside, 1) ? Expr(fused.var) : Expr(fused.var) / inside;
        if (i > 0) value = value % parts[i].extent;
        values[parts[i].var] = value;
        inside = parts[i].extent * inside;
    }
    fused.extent = simplify(inside);
    const int position = stage.position(parts[0].var);
    stage.loops.erase(stage.loops.begin() + position + 1, stage.loops.begin() + position + parts.size());
    stage.loops[position] = fused;
    replace_loop(nest, stage, values);
}

void reorder(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    std::vector<std::string> names;
    for (const Argument& argument : given) {
        const Arguments one({argument}, "reorder", {"loops"}, 1);
        for (const std::string& name : one.words("loops")) names.push_back(name);
    }
    if (names.empty())
        refuse(fmt::format("no loops are named; those of {} are {}", stage.stage.name(), loop_names(stage)));
    reorder_loops(stage, names);
}

void tile(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "tile", {"loops", "factors"}, 2);
    const std::vector<std::string> names = arguments.words("loops");
    const std::vector<std::int64_t> factors = arguments.integers("factors");
    if (names.size() != factors.size())
        refuse(fmt::format("{} loops and {} factors: there must be one a loop", names.size(), factors.size()));
    for (std::size_t i = 0; i < names.size(); ++i) split_loop(nest, stage, names[i], factors[i], Tail::guard);
    std::vector<std::string> order;
    for (const std::string& name : names) order.push_back(name + ".o");
    for (const std::string& name : names) order.push_back(name + ".i");
    reorder_loops(stage, order);
}

void unroll(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "unroll", {"loop", "factor"}, 1);
    Loop& loop = loop_named(stage, arguments.word("loop"));
    if (loop.kind != LoopKind::serial) refuse(fmt::format("{} is {} already", loop.name(), name_of(loop.kind)));
    if (arguments.has("factor")) {
        const std::int64_t factor = arguments.integer("factor");
        if (factor < 1 || factor > most_unrolled)
            refuse(fmt::format("the factor must lie in 1 to {}, not {}", most_unrolled, factor));
        loop.unroll = static_cast<int>(factor);
        return;
    }
    const std::int64_t extent = needed_extent(loop, "unroll");
    if (extent > most_unrolled)
        refuse(fmt::format("{} has {} iterations and at most {} are unrolled: split it first, or give a factor",
                           loop.name(), extent, most_unrolled));
    if (loop.clipped)
        refuse(fmt::format("{} is clipped: it runs over a range that is known only inside the loops around it",
                           loop.name()));
    loop.kind = LoopKind::unrolled;
}

void vectorize(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "vectorize", {"loop"}, 1);
    Loop& loop = loop_named(stage, arguments.word("loop"));
    if (loop.kind != LoopKind::serial || loop.unroll > 1 || loop.clipped)
        refuse(fmt::format("{} is {} already", loop.name(),
                           loop.kind != LoopKind::serial ? name_of(loop.kind)
                           : loop.clipped                ? "clipped"
                                                         : "unrolled"));
    for (const Loop& other : stage.loops)
        if (other.kind == LoopKind::vectorized)
            refuse(fmt::format("{} is vectorized already, and a stage has one vector loop", other.name()));
    const std::int64_t extent = needed_extent(loop, "vectorize");
    if (extent > most_lanes)
        refuse(fmt::format("{} has {} iterations and a vector loop at most {}: split it first", loop.name(), extent,
                           most_lanes));
    const Definition& definition = *stage.stage.definition;
    if (loop.reduced && definition.op != UpdateOp::add && definition.op != UpdateOp::mul &&
        definition.op != UpdateOp::max && definition.op != UpdateOp::min)
        refuse(fmt::format("{} is reduced, and lanes keep partial results of +=, *=, max= and min= alone, not of {}",
                           loop.name(), name_of(definition.op)));
    loop.kind = LoopKind::vectorized;
}

void parallel(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "parallel", {"loop"}, 1);
    if (nest.target.kind == TargetKind::cuda)
        refuse(fmt::format("the target is {}; bind(loop, block_x) or work(grid, {{loops}}) spread loops over blocks",
                           nest.target.text()));
    Loop& loop = loop_named(stage, arguments.word("loop"));
    if (loop.kind == LoopKind::parallel) refuse(fmt::format("{} is parallel already", loop.name()));
    if (loop.kind != LoopKind::serial || loop.unroll > 1 || loop.clipped)
        refuse(fmt::format("{} is {} already", loop.name(),
                           loop.kind != LoopKind::serial ? name_of(loop.kind)
                           : loop.clipped                ? "clipped"
                                                         : "unrolled"));
    if (loop.reduced && !stage.atomic)
        refuse(
            fmt::format("{} is reduced: its iterations would race for the same elements of {}; parallel loops that "
                        "are not reduced, or split_reduction for partial sums",
                        loop.name(), stage.stage.targets[0].name()));
    for (const Loop& other : stage.loops)
        if (other.kind == LoopKind::parallel)
            refuse(fmt::format("{} is parallel already, and a stage has one parallel loop: fuse({{{}, {}}}, ...) first",
                               other.name(), other.name(), loop.name()));
    loop.kind = LoopKind::parallel;
}

void partition(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "partition", {"loop"}, 1);
    Loop& loop = loop_named(stage, arguments.word("loop"));
    if (is_tile_loop(loop))
        refuse(fmt::format("{} is {}: its iterations are one piece of code; partition a loop around it", loop.name(),
                           name_of(loop.kind)));
    loop.partitioned = true;
}

void clip(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "clip", {"loop"}, 1);
    Loop& loop = loop_named(stage, arguments.word("loop"));
    const Definition& definition = *stage.stage.definition;
    if (loop.kind != LoopKind::serial)
        refuse(fmt::format("{} is {}: a clipped loop runs over a range that is known only at run time", loop.name(),
                           name_of(loop.kind)));
    if (!loop.reduced)
        refuse(fmt::format("{} is not reduced: each of its iterations has an element of {} to write", loop.name(),
                           stage.stage.targets[0].name()));
    if (!uses(over_loops(stage, participation(definition)), loop.var))
        refuse(
            fmt::format("no point of {} takes no part because of {}: only indices of skip reads, and of zero reads "
                        "that are factors of a +=, clip a loop; {}",
                        stage.stage.name(), loop.name(), bounded_reads(definition)));
    std::string unfit;
    for (const Read* read : reads_of(definition))
        for (const Expr& index : read->indices) {
            const Expr present = over_loops(stage, index);
            if (read->boundary.mode != BoundaryMode::none && uses(present, loop.var) && !is_affine_in(present, loop))
                unfit = index_text(present);
        }
    if (!unfit.empty())
        refuse(
            fmt::format("the index {} is not a sum of multiples of loops, so that the valid part of {} need not be "
                        "one range",
                        unfit, loop.name()));
    loop.clipped = true;
}

}  // namespace heddle::directives
