// schedules/directives_pipelines.cpp -- compute_at, compute_inline, compute_root, fuse_epilogue: where a stage runs.
#include <fmt/core.h>

#include <algorithm>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "runtime/text.h"
#include "schedules/directive_functions.h"
#include "schedules/directive_support.h"
#include "schedules/inlined_values.h"
#include "schedules/legality_placement.h"
#include "schedules/tile_box.h"

namespace heddle::directives {
namespace {

bool writes(const StageNest& stage, const AnyTensor& tensor) {
    return std::count(stage.stage.targets.begin(), stage.stage.targets.end(), tensor) > 0;
}

bool reads(const StageNest& stage, const AnyTensor& tensor) {
    return !reads_of(*stage.stage.definition, tensor).empty();
}

// Stages that read what `stage` writes.
std::vector<const StageNest*> readers_of(const LoopNest& nest, const StageNest& stage) {
    std::vector<const StageNest*> readers;
    for (const StageNest& other : nest.stages) {
        const std::vector<AnyTensor>& targets = stage.stage.targets;
        const bool is_reader =
            std::any_of(targets.begin(), targets.end(), [&](const AnyTensor& target) { return reads(other, target); });
        if (is_reader && !is_dissolved(nest, other)) readers.push_back(&other);  // in this order: few stages read it
    }
    return readers;
}

void require_root(const LoopNest& nest, const StageNest& stage) {
    const std::string name = stage.stage.name();
    switch (stage.placement) {
        case Placement::root:
            break;
        case Placement::at:
            refuse(fmt::format("{} is computed at a loop of {}: compute_root() first", name, stage.placed_in));
        case Placement::inlined:
            refuse(fmt::format("{} is inlined: compute_root() first", name));
        case Placement::epilogue:
            refuse(fmt::format("{} is an epilogue of {}: compute_root() first", name, stage.placed_in));
        case Placement::init:
            refuse(fmt::format("{} is where {} starts from, and goes where that goes", name, stage.placed_in));
    }
    for (const StageNest& other : nest.stages)
        if (other.placement == Placement::at && other.placed_in == name)
            refuse(fmt::format("{} is computed at a loop of {}, which must keep its loops", other.stage.name(), name));
}

void require_no_output(const LoopNest& nest, const StageNest& stage) {
    for (const AnyTensor& output : nest.pipeline.outputs)
        if (writes(stage, output))
            refuse(fmt::format("{} is an output of the pipeline: it is stored whole, by a nest of its own",
                               output.name()));
}

// The tensor's other definition, if any, must be the `=` that this one starts from.
void require_single(const LoopNest& nest, const StageNest& stage) {
    for (const StageNest& other : nest.stages)
        if (&other != &stage && writes(other, stage.stage.targets[0]) &&
            !(other.placement == Placement::init && other.placed_in == stage.stage.name()))
            refuse(fmt::format("{} has other definitions ({}), which stay in memory", stage.stage.targets[0].name(),
                               other.stage.name()));
}

void require_plain_loops(const StageNest& stage) {
    bool plain = stage.guards.empty() && !stage.accumulate && stage.caches.empty() && stage.packs.empty() &&
                 !stage.tensorize && stage.loops.size() == stage.index.size();
    for (const auto& [symbol, value] : stage.index) plain = plain && value.as<Variable>();
    for (const Loop& loop : stage.loops) plain = plain && loop.kind == LoopKind::serial;
    if (!plain)
        refuse(fmt::format("it decides over what region {} runs: put it before the directives on the loops of {}",
                           stage.stage.name(), stage.stage.name()));
}

// Narrows the loops of a stage to the region: its left variables start at the region's first element.
void narrow(const LoopNest& nest, StageNest& stage, const TileBox& box) {
    const Definition& definition = *stage.stage.definition;
    for (std::size_t d = 0; d < definition.left.size(); ++d) {
        const Symbol variable = definition.left[d].as<Variable>()->symbol;
        Loop* loop = &stage.loops[stage.position(stage.index.at(variable).as<Variable>()->symbol)];
        loop->extent = box.extent[d];
    }
    const Ranges ranges = all_ranges(nest, stage);
    for (std::size_t d = 0; d < definition.left.size(); ++d) {
        const Symbol variable = definition.left[d].as<Variable>()->symbol;
        Expr& index = stage.index.at(variable);
        index = simplify(box.min[d] + index, ranges);
        for (const Expr& test : {Expr::integer(0) <= index, index < definition.find(variable)->extent.expr()})
            if (prove(test, ranges) != true) stage.guards.push_back({test, variable});
    }
}

std::string names_of(const std::vector<const StageNest*>& stages, const StageNest* but = nullptr) {
    std::vector<std::string> names;
    for (const StageNest* stage : stages)
        if (stage != but) names.push_back(stage->stage.name());
    return join(names, ", ");
}

// A read at exactly the definition's own left variables, one a dimension in order.
bool reads_same_place(const Read& read, const Definition& definition) {
    if (read.indices.size() != definition.left.size()) return false;
    for (std::size_t d = 0; d < read.indices.size(); ++d)
        if (!equal(read.indices[d], definition.left[d])) return false;
    return true;
}

// The last stage that computes something this one reads.
StageNest* producer_of(LoopNest& nest, const StageNest& stage) {
    StageNest* producer = nullptr;
    for (StageNest& other : nest.stages) {
        if (&other == &stage) break;
        for (const AnyTensor& target : other.stage.targets)
            if (reads(stage, target)) producer = &other;
    }
    return producer;
}

// What all readers need while the loops of the consumer inside of this one run. Nothing where none reads the tensor.
TileBox box_read_by(const std::vector<const StageNest*>& readers, const AnyTensor& tensor, const StageNest& consumer,
                    const Loop& loop) {
    std::vector<Loop> inner = loops_inside(consumer, loop.var);
    for (const StageNest* reader : readers)
        if (reader != &consumer) inner.insert(inner.end(), reader->loops.begin(), reader->loops.end());
    TileBox box;
    for (const StageNest* reader : readers) {
        if (!reads(*reader, tensor)) continue;
        const TileBox one = read_box(*reader, tensor, inner);
        if (box.min.empty()) box = one;
        for (std::size_t d = 0; d < box.min.size(); ++d)
            if (!equal(box.min[d], one.min[d]) || !equal(box.extent[d], one.extent[d])) {
                box.min[d] = Expr::integer(0);
                box.extent[d] = tensor.shape()[static_cast<int>(d)].expr();
            }
    }
    return box;
}

// The stage reads what the other computes, directly or through others.
bool needs(const LoopNest& nest, const StageNest& stage, const StageNest& other) {
    for (const AnyTensor& target : other.stage.targets)
        if (reads(stage, target)) return true;
    for (const StageNest& between : nest.stages) {
        if (&between == &stage || &between == &other) continue;
        for (const AnyTensor& target : between.stage.targets)
            if (!writes(stage, target) && reads(stage, target) && needs(nest, between, other)) return true;
    }
    return false;
}

// An output that nobody reads is computed where the consumer's loops run over its elements: each of its variables is
// the consumer's variable of the same dimension, whose loops are all around.
TileBox box_beside(const LoopNest& nest, const StageNest& stage, const StageNest& consumer, const Loop& loop) {
    const Definition& mine = *stage.stage.definition;
    const Definition& theirs = *consumer.stage.definition;
    const std::string name = stage.stage.name(), other = consumer.stage.name();
    if (mine.op != UpdateOp::assign || !has_bare_left(theirs) || consumer.placement != Placement::root)
        refuse(
            fmt::format("{} does not read {}, an output: computed beside it can be a = alone, at a loop of a nest of "
                        "its own with bare left indices",
                        other, name));
    TileBox box;
    const Ranges ranges = all_ranges(nest, consumer);
    for (std::size_t d = 0; d < mine.left.size(); ++d) {
        const Expr extent = stage.stage.targets[0].shape()[static_cast<int>(d)].expr();
        if (d >= theirs.left.size() || !equal(extent, consumer.stage.targets[0].shape()[static_cast<int>(d)].expr()))
            refuse(fmt::format("{} does not read {}, and has no dimension {} of {} elements to run over it", other,
                               name, d, print(extent)));
        const Expr index = over_loops(consumer, theirs.left[d]);
        for (const Loop& inner : loops_inside(consumer, loop.var))
            if (uses(index, inner.var))
                refuse(
                    fmt::format("{} does not read {}, and runs over its elements inside of {}, in {}; a loop further "
                                "in is legal",
                                other, name, loop.name(), inner.name()));
        box.min.push_back(simplify(index, ranges));
        box.extent.push_back(Expr::integer(1));
    }
    for (int i = 0; i <= consumer.position(loop.var); ++i) {
        const bool chooses = std::any_of(box.min.begin(), box.min.end(),
                                         [&](const Expr& min) { return uses(min, consumer.loops[i].var); });
        if (!chooses && !is_const(consumer.loops[i].extent, 1))
            refuse(
                fmt::format("{} does not read {}, and {} would compute each of its elements again; a loop further out "
                            "is legal",
                            other, name, consumer.loops[i].name()));
    }
    return box;
}

// An index that something is written at is read from memory, where a stage of its own leaves it.
void require_no_written_index(const LoopNest& nest, const StageNest& stage) {
    for (const StageNest& other : nest.stages)
        for (const Expr& index : other.segments ? other.segments->left : other.stage.definition->left)
            for_each_node(index, [&](const Expr& node) {
                const auto* read = node.as<Read>();
                if (read && read->tensor == stage.stage.targets[0].node())
                    refuse(fmt::format("{} is read in `{}`, which {} is written at: it has a nest of its own",
                                       stage.stage.targets[0].name(), index_text(index), other.stage.name()));
            });
}

// The loop of the consumer that a stage is computed at.
const Loop& loop_around(StageNest& consumer, const std::string& name) {
    const Loop& loop = loop_named(consumer, name);
    if (is_tile_loop(loop))
        refuse(fmt::format("{} is {}: the stage can be computed at a loop around it", loop.name(), name_of(loop.kind)));
    return loop;
}

// What readers of any of the stage's tensors need: one region for all of them.
TileBox box_read_by(const std::vector<const StageNest*>& readers, const StageNest& stage, const StageNest& consumer,
                    const Loop& loop) {
    TileBox box = box_read_by(readers, stage.stage.targets[0], consumer, loop);
    for (const AnyTensor& target : stage.stage.targets) {
        if (target == stage.stage.targets[0]) continue;
        const TileBox other = box_read_by(readers, target, consumer, loop);
        for (std::size_t d = 0; d < other.min.size(); ++d)
            if (!equal(box.min[d], other.min[d]) || !equal(box.extent[d], other.extent[d])) {
                box.min[d] = Expr::integer(0);
                box.extent[d] = target.shape()[d].expr();
            }
    }
    return box;
}

void place_at(const LoopNest& nest, StageNest& stage, const StageNest& consumer, const Loop& loop, TileBox box) {
    stage.placement = Placement::at;
    stage.placed_in = consumer.stage.name();
    stage.placed_at = loop.var;
    narrow(nest, stage, box);
    stage.region_min = std::move(box.min);
    stage.region_extent = std::move(box.extent);
}

}  // namespace

void compute_at(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "compute_at", {"consumer", "loop"}, 2);
    StageNest& consumer = stage_named(nest, arguments.word("consumer"));
    const std::string name = stage.stage.name();
    require_root(nest, stage);
    require_no_written_index(nest, stage);
    const std::vector<const StageNest*> readers = readers_of(nest, stage);
    if (!readers.empty() || needs(nest, stage, consumer)) require_no_output(nest, stage);
    require_single(nest, stage);
    require_plain_loops(stage);
    if (!has_bare_left(*stage.stage.definition))
        refuse(fmt::format("{} has computed left indices: what a part of it needs is not a box", name));
    if (readers.empty()) {
        if (&consumer == &stage) refuse(fmt::format("{} cannot be computed at a loop of its own", name));
        const Loop& loop = loop_around(consumer, arguments.word("loop"));
        return place_at(nest, stage, consumer, loop, box_beside(nest, stage, consumer, loop));
    }
    // Of stages that follow one another all can be computed at a loop of the last.
    if (!needs(nest, consumer, stage))
        refuse(fmt::format("{} does not read {}; it is read by {}", consumer.stage.name(),
                           stage.stage.targets[0].name(), names_of(readers)));
    if (consumer.placement != Placement::root && consumer.placement != Placement::at)
        refuse(
            fmt::format("{} has no loops of its own: it is placed in {}", consumer.stage.name(), consumer.placed_in));
    const Loop& loop = loop_around(consumer, arguments.word("loop"));
    for (const StageNest* reader : readers)
        if (!runs_inside(nest, *reader, consumer, loop.var))
            refuse(fmt::format("{} is read by {} too: it must be in memory for them", stage.stage.targets[0].name(),
                               names_of(readers, &consumer)));
    place_at(nest, stage, consumer, loop, box_read_by(readers, stage, consumer, loop));
}

void compute_inline(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "compute_inline", {}, 0);
    const Definition& definition = *stage.stage.definition;
    const std::string name = stage.stage.name();
    require_root(nest, stage);
    require_no_written_index(nest, stage);
    require_no_output(nest, stage);
    require_single(nest, stage);
    if (definition.op != UpdateOp::assign)
        refuse(fmt::format("{} is a {}, and only a = has a value to put in its readers; compute_at is legal", name,
                           name_of(definition.op)));
    if (!has_bare_left(definition))
        refuse(fmt::format("{} has computed left indices: its value at an index is not one expression", name));
    if (stage.stage.targets.size() > 1) refuse(fmt::format("{} defines several tensors at once", name));
    for (const StageNest* reader : readers_of(nest, stage)) {
        const AnyTensor target = stage.stage.targets[0];
        for (const CacheIn& cache : reader->caches)
            if (cache.tensor == target) refuse(fmt::format("{} caches {}", reader->stage.name(), target.name()));
        for (const Pack& pack : reader->packs)
            if (pack.tensor == target) refuse(fmt::format("{} packs {}", reader->stage.name(), target.name()));
    }
    stage.placement = Placement::inlined;
    put_inlined_values(nest);
}

void compute_root(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "compute_root", {}, 0);
    const std::string name = stage.stage.name();
    if (stage.placement == Placement::root) return;
    if (stage.placement == Placement::init)
        refuse(fmt::format("{} is where the accumulator of {} starts from", name, stage.placed_in));
    for (const StageNest& other : nest.stages)
        if (other.placed_in == name && other.placement != Placement::init)
            refuse(fmt::format("{} is placed in {}, which must stay where it is", other.stage.name(), name));
    const LoopNest plain = plain_nest(nest.pipeline, nest.target);
    stage = *plain.find(name);
    put_inlined_values(nest);
}

void fuse_epilogue(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "fuse_epilogue", {}, 0);
    const Definition& definition = *stage.stage.definition;
    const std::string name = stage.stage.name();
    require_root(nest, stage);
    require_single(nest, stage);
    if (definition.op != UpdateOp::assign || !has_bare_left(definition))
        refuse(fmt::format("{} must be a = with a variable of its own for each index: {}", name, print(definition)));
    StageNest* producer = producer_of(nest, stage);
    if (!producer) refuse(fmt::format("{} reads no stage of the pipeline, only inputs", name));
    const std::string from = producer->stage.name();
    const AnyTensor produced = producer->stage.targets[0];
    if (producer->stage.targets.size() > 1) refuse(fmt::format("{} defines several tensors at once", from));
    for (const Read* read : reads_of(definition, produced))
        if (!reads_same_place(*read, definition)) {
            refuse(fmt::format("it reads {}[{}] and writes [{}]: an epilogue reads its producer where it writes",
                               produced.name(), index_text(read->indices), index_text(definition.left)));
        }
    if (!has_bare_left(*producer->stage.definition))
        refuse(
            fmt::format("{} has computed left indices: its elements are complete only after all of its loops", from));
    for (int d = 0; d < produced.rank(); ++d)
        if (const Expr& size = definition.target().shape()[d].expr(), &given = produced.shape()[d].expr();
            !equal(size, given))
            refuse(
                fmt::format("dimension {} of {} has {} elements, that of {} {}: an epilogue writes as many as it reads",
                            d, definition.target().name(), print(size), produced.name(), print(given)));
    if (producer->placement != Placement::root && producer->placement != Placement::epilogue)
        refuse(fmt::format("{} is placed in {} itself", from, producer->placed_in));
    for (const StageNest& other : nest.stages)
        if (other.placement == Placement::epilogue && other.placed_in == from)
            refuse(fmt::format("{} is an epilogue of {} already, and a stage has one; others can follow that",
                               other.stage.name(), from));
    stage.placement = Placement::epilogue;
    stage.placed_in = from;
}

}  // namespace heddle::directives
