// schedules/legality.cpp -- checks on a whole nest: loops and accumulators of each stage.
#include "schedules/legality.h"

#include <fmt/core.h>

#include <algorithm>

#include "dsl/print.h"
#include "dsl/unique_index.h"
#include "runtime/text.h"
#include "schedules/directive.h"
#include "schedules/directive_support.h"
#include "schedules/legality_placement.h"
#include "schedules/legality_scatter.h"
#include "schedules/thread_axes.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t most_statements = 256, most_statements_of_threads = 1024, most_partitions = 3;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::string names_of(const std::vector<Loop>& loops) {
    std::vector<std::string> names;
    for (const Loop& loop : loops) names.push_back(loop.name());
    return join(names, ", ");
}

// Vector loops innermost, unrolled ones directly around them, and not too much code in line.
void check_order(const LoopNest& nest, const StageNest& stage) {
    const Loop* unrolled = nullptr;
    std::int64_t statements = 1, partitions = 0;
    std::vector<std::string> factors;
    for (const Loop& loop : stage.loops) {
        const bool last = &loop == &stage.loops.back();
        if (loop.kind == LoopKind::vectorized && !last)
            refuse(
                fmt::format("vectorize({}): a vector loop is innermost, and {} lies inside it; the loops are {}: "
                            "reorder them",
                            loop.name(), stage.loops.back().name(), loop_names(stage)));
        if (unrolled && !is_tile_loop(loop) && !is_bound(loop))
            refuse(fmt::format("unroll({}): the {} loop {} lies inside it; reorder it outward, or unroll by a factor",
                               unrolled->name(), name_of(loop.kind), loop.name()));
        std::int64_t times = loop.unroll;
        if (loop.kind == LoopKind::unrolled) {
            unrolled = &loop;
            times = needed_extent(loop, "unroll");
        } else if (loop.kind == LoopKind::vectorized) {
            const ScalarType type = compute_type(stage.stage.targets[0].type());
            const std::int64_t lanes = nest.target.kind == TargetKind::host ? lanes_of(nest.target, type) : 4;
            times = ceil_div(needed_extent(loop, "vectorize"), lanes);
        }
        if (times > 1) factors.push_back(fmt::format("{} of {}", times, loop.name()));
        statements *= std::max<std::int64_t>(1, times);
        partitions += loop.partitioned ? 1 : 0;
        const std::int64_t most = nest.target.kind == TargetKind::cuda ? most_statements_of_threads : most_statements;
        if (statements > most)
            refuse(fmt::format("{} statements in line in {} ({}), and at most {} are good for anything: unroll less",
                               statements, stage.stage.name(), join(factors, " x "), most));
    }
    if (partitions > most_partitions)
        refuse(fmt::format("{} loops of {} are partitioned, which is {} copies of the body; at most {} may be",
                           partitions, stage.stage.name(), "3^" + std::to_string(partitions), most_partitions));
}

// What is made at the head of a loop's body: the body must not have become one piece of code since.
void check_attached(const LoopNest& nest, const StageNest& stage) {
    const auto check = [&](const Symbol& at, const std::string& what) {
        if (!at.defined()) return;
        const Loop& loop = *stage.find(at);
        if (is_tile_loop(loop))
            refuse(fmt::format("{} at {}, which is {}: attach it to a loop around that", what, loop.name(),
                               name_of(loop.kind)));
    };
    if (stage.accumulate) check(stage.accumulate->at, "accumulate_in");
    for (const CacheIn& cache : stage.caches) check(cache.at, fmt::format("cache_in({})", cache.tensor.name()));
    for (const StageNest& placed : nest.stages)
        if (placed.placement == Placement::at && placed.placed_in == stage.stage.name())
            check(placed.placed_at, fmt::format("{} is computed", placed.stage.name()));
}

// Iterations at once may not write the same elements.
void check_races(const StageNest& stage) {
    const Definition& definition = *stage.stage.definition;
    const int at = accumulator_position(stage);
    for (std::size_t i = 0; i < stage.loops.size(); ++i) {
        const Loop& loop = stage.loops[i];
        const bool at_once = loop.kind == LoopKind::parallel || loop.kind == LoopKind::vectorized || is_bound(loop);
        if (!at_once) continue;
        const std::string kind(name_of(loop.kind));
        if (loop.kind == LoopKind::parallel && stage.placement == Placement::at)
            refuse(fmt::format("parallel({}): {} is computed inside a loop of {}, which is what is made parallel",
                               loop.name(), stage.stage.name(), stage.placed_in));
        if (loop.kind == LoopKind::parallel && accumulates(stage) && at < static_cast<int>(i))
            refuse(
                fmt::format("parallel({}): the accumulator of {} lives outside of it ({}), where iterations would "
                            "race; accumulate_in(..., {}) or a loop inside it",
                            loop.name(), stage.stage.name(), at < 0 ? "of all loops" : "in " + stage.loops[at].name(),
                            loop.name()));
        if (!accumulates(stage) && definition.op != UpdateOp::assign && !stage.atomic) {
            if (loop.reduced)
                refuse(fmt::format("{} is reduced and {}: its iterations update the same elements of {}", loop.name(),
                                   kind, stage.stage.targets[0].name()));
            for (const Symbol& variable : variables_of(stage, loop.var)) {
                const bool bare = std::any_of(definition.left.begin(), definition.left.end(), [&](const Expr& index) {
                    const auto* data = index.as<DataIndex>();
                    if (data && is_unique(*data)) return uses(data->value, variable);
                    return index.as<Variable>() && index.as<Variable>()->symbol == variable;
                });
                if (!bare)
                    refuse(
                        fmt::format("{} is {}: {} has computed left indices, and iterations of {} may update the "
                                    "same element; loops of bare left variables are legal, and any after atomic()",
                                    loop.name(), kind, stage.stage.name(), variable.name()));
            }
        }
        for (const auto& [symbol, value] : stage.index) {
            if (stage.segments && uses(value, stage.segments->loop)) continue;  // its min keeps reads inside
            // Iterations of the loop itself overlap, or those of one inside it do so in another step of the one around.
            bool shrinks = false;
            for_each_node(value, [&](const Expr& node) {
                const auto* shrunk = node.as<Binary>();
                shrinks = shrinks || (shrunk && shrunk->op == BinaryOp::min);
            });
            if (shrinks && uses(value, loop.var) && loop.kind != LoopKind::vectorized)
                refuse(fmt::format("{} is {} and its last iterations overlap (tail=shrink): guard or peel are legal",
                                   loop.name(), kind));
        }
    }
}

std::string dims_text(const std::vector<Loop>& loops) {
    std::vector<std::string> extents;
    for (const Loop& loop : loops) extents.push_back(print(loop.extent));
    return join(extents, " x ");
}

void check_registers(const LoopNest& nest, const StageNest& stage) {
    if (nest.target.kind != TargetKind::host) return;
    const bool directed = stage.accumulate && stage.accumulate->memory == Memory::registers;
    const std::int64_t registers = nest.target.vector_registers();
    if (stage.tensorize) {
        if (stage.tensorize->atom.starts_with("fma") &&
            (stage.loops.empty() || stage.loops.back().kind != LoopKind::vectorized))
            refuse(fmt::format("tensorize({}): {} has no vectorized loop; vectorize one of {}", stage.tensorize->atom,
                               stage.stage.name(), loop_names(stage)));
        const RegisterTile tile = register_tile(stage, nest.target);
        if (stage.tensorize->atom.starts_with("fma") && tile.total() > registers)
            refuse(fmt::format(
                "tensorize({}): {} accumulators + {} of an operand + 1 broadcast = {} vector registers; "
                "{} has {}",
                stage.tensorize->atom, tile.accumulators, tile.operands, tile.total(), nest.target.text(), registers));
    } else if (directed) {
        const std::int64_t accumulators = register_tile(stage, nest.target).accumulators;
        if (accumulators > registers)
            refuse(fmt::format("accumulate_in(registers): {} vector registers for {} elements of {}; {} has {}",
                               accumulators, dims_text(accumulator_loops(stage)), stage.stage.targets[0].name(),
                               nest.target.text(), registers));
    }
    if (!directed) return;
    for (const Loop& loop : accumulator_loops(stage))
        if (!is_tile_loop(loop))
            refuse(
                fmt::format("accumulate_in(registers): the {} loop {} lies inside; unroll or vectorize it, or reorder "
                            "it outward, or accumulate in the stack",
                            name_of(loop.kind), loop.name()));
}

void check_accumulator(const LoopNest& nest, const StageNest& stage) {
    if (!accumulates(stage)) {
        if (stage.accumulate) refuse(fmt::format("accumulate_in: {} accumulates nothing", stage.stage.name()));
        return;
    }
    check_registers(nest, stage);
    const std::string name = stage.stage.name();
    std::vector<Expr> shape;
    for (const Loop& loop : accumulator_loops(stage)) {
        if (!static_extent(loop))
            refuse(
                fmt::format("the accumulator of {} holds {} elements, one for each iteration of {} inside {}: place it "
                            "further in with accumulate_in, or reorder {} outward",
                            name, dims_text(accumulator_loops(stage)), loop.name(),
                            stage.accumulate ? "it" : "the first reduced loop", loop.name()));
        shape.push_back(loop.extent);
    }
    const bool on_chip = stage.tensorize && nest.target.kind == TargetKind::cuda;
    if (!on_chip)
        check_stack(product_of(shape), compute_type(stage.stage.targets[0].type()),
                    fmt::format("the accumulator of {} ({})", name, dims_text(accumulator_loops(stage))));

    const std::vector<Loop> outside = reduced_outside(stage);
    if (outside.empty() || stage.atomic) return;
    const std::string loops = names_of(outside);
    if (stage.stage.definition->op == UpdateOp::argmax)
        refuse(
            fmt::format("the reduced loops {} lie outside of the accumulator of {}: argmax= keeps its maximum only "
                        "there; accumulate_in further out",
                        loops, name));
    for (const AnyTensor& target : stage.stage.targets)
        if (compute_type(target.type()) != target.type())
            refuse(
                fmt::format("the reduced loops {} lie outside of the accumulator of {}: {} would be rounded to {} "
                            "between them; accumulate_in further out",
                            loops, name, target.name(), name_of(target.type())));
    for (const Loop& loop : outside)
        if (loop.clipped)
            refuse(fmt::format("clip({}): it lies outside of the accumulator of {}, which starts at {} = 0",
                               loop.name(), name, loop.name()));
    for (const auto& [symbol, value] : stage.index) {
        if (stage.segments && uses(value, stage.segments->loop)) continue;
        for_each_node(value, [&](const Expr& node) {
            if (const auto* shrunk = node.as<Binary>(); shrunk && shrunk->op == BinaryOp::min)
                refuse(
                    fmt::format("tail=shrink computes elements of {} twice, and the reduced loops {} outside of the "
                                "accumulator would add to them twice; guard or peel are legal",
                                name, loops));
        });
    }
    if (stage.streaming_stores)
        refuse(fmt::format("streaming_stores(): {} is read back between iterations of {}",
                           stage.stage.targets[0].name(), loops));
}

void check_precision(const LoopNest& nest, const StageNest& stage) {
    const Atom* atom = stage.tensorize ? find_atom(stage.tensorize->atom, nest.target.kind) : nullptr;
    if (stage.precision.pieces > 1 &&
        (!atom || atom->accuracy == AccuracyClass::f32 || atom->accuracy == AccuracyClass::f64))
        refuse(fmt::format(
            "precision: {} pieces need a tensorize with an atom of a narrower class, as mma_sync_m16n8k8_tf32",
            stage.precision.pieces));
    if (atom && atom->accuracy == AccuracyClass::tf32 && stage.precision.pieces == 1 &&
        stage.precision.accuracy != AccuracyClass::tf32)
        refuse(
            fmt::format("tensorize({}): the atom is of class tf32 and {} asks for f32; precision(tf32), or "
                        "precision(f32, pieces=2)",
                        atom->name, stage.stage.name()));
}

}  // namespace

bool accumulates(const StageNest& stage) {
    const Definition& definition = *stage.stage.definition;
    if (stage.atomic) return stage.accumulate || (!stage.loops.empty() && stage.loops.back().reduced);
    return definition.op != UpdateOp::assign && has_bare_left(definition);
}

int accumulator_position(const StageNest& stage) {
    if (stage.accumulate) return stage.accumulate->at.defined() ? stage.position(stage.accumulate->at) : -1;
    if (stage.atomic) {  // as far in as a part can be summed
        int last = static_cast<int>(stage.loops.size()) - 1;
        while (last >= 0 && stage.loops[last].reduced && !is_bound(stage.loops[last]) &&
               stage.loops[last].kind != LoopKind::parallel)
            --last;
        return last;
    }
    const auto first = std::find_if(stage.loops.begin(), stage.loops.end(),
                                    [](const Loop& loop) { return loop.reduced || is_tile_loop(loop); });
    return static_cast<int>(first - stage.loops.begin()) - 1;
}

std::vector<Loop> accumulator_loops(const StageNest& stage) {
    std::vector<Loop> loops;
    for (std::size_t i = accumulator_position(stage) + 1; i < stage.loops.size(); ++i)
        if (!stage.loops[i].reduced) loops.push_back(stage.loops[i]);
    return loops;
}

std::vector<Loop> reduced_outside(const StageNest& stage) {
    std::vector<Loop> loops;
    for (int i = 0; i <= accumulator_position(stage); ++i)
        if (stage.loops[i].reduced) loops.push_back(stage.loops[i]);
    return loops;
}

bool has_tiles(const LoopNest& nest, const StageNest& stage, const Symbol& at) {
    for (const CacheIn& cache : stage.caches)
        if (cache.at == at) return true;
    return std::any_of(nest.stages.begin(), nest.stages.end(), [&](const StageNest& other) {
        return other.placement == Placement::at && other.placed_in == stage.stage.name() && other.placed_at == at;
    });
}

int statement_position(const LoopNest& nest, const StageNest& stage) {
    int position = static_cast<int>(stage.loops.size());
    bool free_inside = false;
    const bool device = stage.tensorize && nest.target.kind == TargetKind::cuda;
    while (position > 0) {
        const Loop& loop = stage.loops[position - 1];
        if (device ? loop.pipeline > 0 || (loop.reduced && free_inside) : !is_tile_loop(loop)) break;
        if (has_tiles(nest, stage, loop.var)) break;
        if (accumulates(stage) && position - 1 <= accumulator_position(stage)) break;
        free_inside = free_inside || !loop.reduced;
        --position;
    }
    return position;
}

std::int64_t lanes_of(const Target& target, ScalarType type) {
    return std::max(1, target.vector_lanes() * 4 / bytes_of(type));
}

RegisterTile register_tile(const StageNest& stage, const Target& target) {
    const Definition& definition = *stage.stage.definition;
    const std::int64_t lanes = lanes_of(target, compute_type(stage.stage.targets[0].type()));
    const auto vectors_of = [&](const Loop& loop) -> std::int64_t {
        const std::optional<std::int64_t> extent = static_extent(loop);
        if (!extent || !is_tile_loop(loop)) return 1;
        return loop.kind == LoopKind::vectorized ? ceil_div(*extent, lanes) : *extent;
    };
    RegisterTile tile;
    tile.accumulators = definition.op == UpdateOp::argmax ? 2 : static_cast<std::int64_t>(definition.right.size());
    for (const Loop& loop :
         loops_inside(stage, accumulator_position(stage) < 0 ? Symbol() : stage.loops[accumulator_position(stage)].var))
        if (!loop.reduced || loop.kind == LoopKind::vectorized) tile.accumulators *= vectors_of(loop);
    // Of the operands that depend on the vector loop, the one with the fewer vectors is held.
    std::int64_t held = 0;
    for (const Read* read : reads_of(definition)) {
        std::int64_t vectors = 1;
        bool in_lanes = false;
        for (const Loop& loop : stage.loops) {
            bool depends = false;
            for (const Expr& index : read->indices) depends = depends || uses(over_loops(stage, index), loop.var);
            if (!depends || !is_tile_loop(loop)) continue;
            in_lanes = in_lanes || loop.kind == LoopKind::vectorized;
            vectors *= vectors_of(loop);
        }
        if (in_lanes) held = held == 0 ? vectors : std::min(held, vectors);
    }
    tile.operands = std::max<std::int64_t>(1, held);
    return tile;
}

Reason check_nest(const LoopNest& nest) {
    try {
        for (const StageNest& stage : nest.stages) {
            if (stage.placement == Placement::root || stage.placement == Placement::at) {
                check_order(nest, stage);
                check_attached(nest, stage);
                check_races(stage);
                check_scatter(nest, stage);
                check_accumulator(nest, stage);
                check_precision(nest, stage);
                check_caches(nest, stage);
            }
            check_placement(nest, stage);
            if (nest.target.kind == TargetKind::cuda) {
                if (stage.placement == Placement::root || stage.placement == Placement::at) check_threads(nest, stage);
                check_device(nest, stage);
            }
        }
        return {};
    } catch (const Illegal& illegal) {
        return illegal.reason;
    }
}

}  // namespace heddle
