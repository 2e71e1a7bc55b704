// schedules/print_nest.cpp -- loop nests as indented text.
#include <fmt/core.h>

#include <algorithm>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "runtime/text.h"
#include "schedules/directive_support.h"
#include "schedules/legality.h"
#include "schedules/legality_placement.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

std::string extents_of(const std::vector<Loop>& loops) {
    std::vector<std::string> parts;
    for (const Loop& loop : loops) parts.push_back(print(loop.extent));
    return "[" + join(parts, ",") + "]";
}

std::string names_of(const std::vector<Symbol>& symbols) {
    std::vector<std::string> parts;
    for (const Symbol& symbol : symbols) parts.push_back(symbol.name());
    return join(parts, ", ");
}

// ", zero outside": what a tile holds where its tensor ends.
std::string outside_text(const StageNest& stage, const AnyTensor& tensor) {
    const Boundary boundary = reads_of(*stage.stage.definition, tensor)[0]->boundary;
    if (boundary.mode == BoundaryMode::none) return "";
    if (boundary.mode == BoundaryMode::constant) return fmt::format(", {} outside", boundary.value);
    return fmt::format(", {} outside", name_of(boundary.mode));
}

std::string swizzle_text(const CacheIn& cache) {
    std::string text;
    if (cache.swizzle.bits > 0) text += fmt::format(", swizzle {}", 16 << cache.swizzle.bits);
    if (cache.pad > 0) text += fmt::format(", rows padded by {}", cache.pad);
    return text;
}

class NestPrinter {
public:
    explicit NestPrinter(const LoopNest& nest) : nest_(nest) {}

    std::string run() {
        for (const StageNest& stage : nest_.stages) {
            if (stage.placement == Placement::inlined)
                line(0, fmt::format("{} inlined: {}", stage.stage.name(), print(*stage.stage.definition)));
            if (stage.placement != Placement::root) continue;
            line(0, fmt::format("{}: {}", stage.stage.name(), print(*stage.stage.definition)));
            for (const Pack& pack : stage.packs)
                line(1, fmt::format("Pack {0}.packed[{1}] <- {0}", pack.tensor.name(), names_of(pack.order)));
            if (stage.segments) sorting(*stage.segments);
            nest(stage, 1);
            after(stage);
        }
        return std::move(text_);
    }

private:
    void line(int depth, const std::string& text) { text_ += std::string(2 * depth, ' ') + text + "\n"; }

    void sorting(const Segments& segments) {
        std::vector<std::string> names;
        for (const DomainVar& v : segments.sorted) names.push_back(v.symbol.name());
        line(1, fmt::format("Sort {}[{}] <- points ({}) by ({})", segments.order.name(), print(segments.points),
                            join(names, ", "), index_text(segments.left)));
    }

    void nest(const StageNest& stage, int depth) {
        values(stage, depth);
        int position = 0;
        if (stage.work.kind != Work::Kind::none) {
            line(depth++, work_text(stage));
            for (const Symbol& symbol : stage.work.loops) {
                if (stage.find(symbol)->reduced) break;  // a block's share of it is a loop
                tiles(stage, symbol, depth);
                ++position;
            }
        }
        tiles(stage, Symbol(), depth);
        loops(stage, position, depth);
    }

    // The domain's variables that are no plain loop, and the points that are none of the domain.
    void values(const StageNest& stage, int depth) {
        std::vector<std::string> parts, tests;
        for (const DomainVar& v : stage.stage.definition->domain) {
            const Expr& value = stage.index.at(v.symbol);
            if (stage.segments && v.reduced && uses(value, stage.segments->loop)) continue;
            if (!value.as<Variable>()) parts.push_back(fmt::format("{} = {}", v.symbol.name(), index_text(value)));
        }
        for (const Guard& guard : stage.guards) tests.push_back(index_text(guard.condition));
        if (!parts.empty()) line(depth, "with " + join(parts, ", "));
        if (!tests.empty()) line(depth, "where " + join(tests, " && "));
    }

    std::string work_text(const StageNest& stage) const {
        const Work& work = stage.work;
        std::vector<std::string> extents;
        for (const Symbol& symbol : work.loops) extents.push_back(print(stage.find(symbol)->extent));
        const char* kinds[] = {"none", "grid", "persistent", "stream_k"};
        std::string text = fmt::format("for ({}) in work {}({})", names_of(work.loops),
                                       kinds[static_cast<int>(work.kind)], join(extents, ", "));
        if (work.classes.defined()) text += fmt::format(", {} classes", print(work.classes));
        if (work.swizzle > 0) text += fmt::format(", walked in columns of {}", work.swizzle);
        return text;
    }

    std::string loop_text(const StageNest& stage, const Loop& loop) const {
        const std::string kind(loop.kind == LoopKind::serial ? "for" : name_of(loop.kind));
        if (stage.segments && loop.var == stage.segments->loop)
            return fmt::format("for {} in points of the element, in order", loop.name());
        const bool shared = std::count(stage.work.loops.begin(), stage.work.loops.end(), loop.var) > 0;
        std::string text =
            fmt::format("{} {} in {}{}", kind, loop.name(), shared ? "k0..k1 of " : "", print(loop.extent));
        if (loop.clipped) text += " clipped";
        if (loop.unroll > 1) text += fmt::format(" unrolled by {}", loop.unroll);
        if (loop.pipeline > 0) text += fmt::format(" pipelined({})", loop.pipeline);
        if (loop.partitioned) text += " (edge/interior)";
        return text;
    }

    // Where the box of one statement begins: the unrolled and vectorized loops at the end, or what an atom multiplies
    // at once, which has one reduced loop.
    int box_position(const StageNest& stage) const { return statement_position(nest_, stage); }

    // Stages computed at a loop, and tiles filled there.
    void tiles(const StageNest& stage, const Symbol& at, int depth) {
        if (at.defined())
            for (const StageNest& placed : nest_.stages) {
                if (placed.placement != Placement::at || placed.placed_in != stage.stage.name() ||
                    placed.placed_at != at)
                    continue;
                line(depth, fmt::format("{}: {} tile[{}] at ({})", placed.stage.name(), placed.stage.targets[0].name(),
                                        index_text(placed.region_extent), index_text(placed.region_min)));
                nest(placed, depth + 1);
            }
        for (const CacheIn& cache : stage.caches)
            if (cache.at == at) line(depth, copy_text(stage, cache));
    }

    std::string copy_text(const StageNest& stage, const CacheIn& cache) const {
        const std::string name = cache.tensor.name();
        std::string text = fmt::format("Copy {}s[{}] <- {}", name, index_text(cache_shape(stage, cache)), name);
        if (cache.shape == CacheShape::loop_coordinates) {
            std::vector<Symbol> over;
            for (const Loop& loop : loops_read_by(stage, cache.tensor, loops_sharing(stage, cache)))
                over.push_back(loop.var);
            text +=
                fmt::format(" at ({}) over ({})",
                            index_text(reads_of(*stage.stage.definition, cache.tensor)[0]->indices), names_of(over));
        } else {
            const TileBox box = cache_box(stage, cache);
            text += fmt::format(" from ({})", index_text(box.min));
            if (cache.shape == CacheShape::flat_span) text += " as a flat span";
        }
        return fmt::format("{}{}  : {}{}  atom {}", text, outside_text(stage, cache.tensor), name_of(cache.memory),
                           swizzle_text(cache), cache.atom.empty() ? "ld_st" : cache.atom);
    }

    void loops(const StageNest& stage, int position, int depth) {
        if (accumulates(stage) && position == accumulator_position(stage) + 1)
            return accumulator(stage, position, depth);
        const bool statement = position >= box_position(stage) && !accumulates(stage);
        if (statement || position == static_cast<int>(stage.loops.size()))
            return line(depth, statement_text(stage, position));
        const Loop& loop = stage.loops[position];
        line(depth, loop_text(stage, loop));
        tiles(stage, loop.var, depth + 1);
        loops(stage, position + 1, depth + 1);
    }

    void accumulator(const StageNest& stage, int position, int depth) {
        const Memory memory = stage.accumulate ? stage.accumulate->memory : Memory::registers;
        const AnyTensor target = stage.stage.targets[0];
        std::string text = fmt::format("acc{} : {}, {}", extents_of(accumulator_loops(stage)),
                                       name_of(compute_type(target.type())), name_of(memory));
        if (!stage.roles.empty() && memory == Memory::registers)
            text += fmt::format(" of {}s", stage.roles.back().name);
        line(depth, text + start_text(stage));
        int inner = depth + 1;
        const int box = box_position(stage);
        for (; position < box; ++position) {
            line(inner++, loop_text(stage, stage.loops[position]));
            tiles(stage, stage.loops[position].var, inner);
        }
        line(inner, statement_text(stage, box));
        if (stage.precision.promote_every > 0)
            line(depth + 1,
                 fmt::format("every {} steps: Map sum += acc, acc <- 0 : f32", stage.precision.promote_every));
        results(stage, depth);
    }

    // What an accumulator starts from, where that is not the identity.
    std::string start_text(const StageNest& stage) const {
        std::string text;
        for (const StageNest& init : nest_.stages)
            if (init.placement == Placement::init && init.placed_in == stage.stage.name())
                text += ", from " + print(init.stage.definition->right[0]);
        if (const std::vector<Loop> outside = reduced_outside(stage); !outside.empty()) {
            std::vector<Symbol> symbols;
            for (const Loop& loop : outside) symbols.push_back(loop.var);
            text += fmt::format(", carried on in {} over {}", stage.stage.targets[0].name(), names_of(symbols));
        }
        return text;
    }

    void results(const StageNest& stage, int depth) {
        const AnyTensor target = stage.stage.targets[0];
        const std::string sum = stage.precision.promote_every > 0 ? "sum" : "acc";
        const std::string rounded =
            compute_type(target.type()) == target.type() ? sum : fmt::format("{}({})", name_of(target.type()), sum);
        if (!stage.reduce_across.empty()) line(depth, fmt::format("Reduce acc across {}", stage.reduce_across));
        const std::string streaming = stage.streaming_stores ? ", past the cache" : "";
        if (stage.cache_out) {
            const CacheIn& cache = *stage.cache_out;
            const std::string& name = target.name();
            line(depth, fmt::format("Map {}s{} <- {}  : {}{}", name, extents_of(accumulator_loops(stage)), rounded,
                                    name_of(cache.memory), swizzle_text(cache)));
            line(depth, fmt::format("Copy {} <- {}s{}  atom {}", name, name, streaming,
                                    cache.atom.empty() ? "ld_st" : cache.atom));
        } else {
            std::vector<std::string> names;
            for (const AnyTensor& each : stage.stage.targets) names.push_back(each.name());
            line(depth, stage.atomic ? fmt::format("atomic Map {}[{}] {} {}", target.name(),
                                                   index_text(stage.stage.definition->left),
                                                   name_of(stage.stage.definition->op), rounded)
                                     : fmt::format("Map {} <- {}{}", join(names, ", "), rounded, streaming));
        }
        epilogues(stage, depth);
    }

    void epilogues(const StageNest& stage, int depth) {
        for (const StageNest& next : nest_.stages)
            if (next.placement == Placement::epilogue && next.placed_in == stage.stage.name()) {
                line(depth,
                     fmt::format("Map {} <- {}{}", next.stage.targets[0].name(), print(next.stage.definition->right[0]),
                                 next.streaming_stores ? ", past the cache" : ""));
                epilogues(next, depth);
            }
    }

    std::string operand_text(const StageNest& stage, const Read& read) const {
        const AnyTensor tensor(read.tensor);
        for (const Pack& pack : stage.packs)
            if (pack.tensor == tensor) return tensor.name() + ".packed";
        for (const CacheIn& cache : stage.caches) {
            if (cache.tensor != tensor) continue;
            // Loops between the copy and the multiply move the view within the tile.
            std::vector<Symbol> shifts;
            const std::vector<Loop> read_by = loops_read_by(stage, tensor, loops_sharing(stage, cache));
            for (int i = 0; i < box_position(stage); ++i)
                for (const Loop& loop : read_by)
                    if (loop.var == stage.loops[i].var) shifts.push_back(loop.var);
            return tensor.name() + "s" + (shifts.empty() ? "" : fmt::format(" shifted ({})", names_of(shifts)));
        }
        return tensor.name();
    }

    std::string statement_text(const StageNest& stage, int box) const {
        const Definition& definition = *stage.stage.definition;
        std::vector<std::string> over;
        for (std::size_t i = box; i < stage.loops.size(); ++i) {
            const Loop& loop = stage.loops[i];
            const std::string lanes = loop.kind == LoopKind::vectorized ? " lanes" : "";
            over.push_back(fmt::format("{} in {}{}", loop.name(), print(loop.extent), lanes));
        }
        const std::string box_text = over.empty() ? "" : fmt::format("  over {}", join(over, ", "));
        const std::string op(name_of(definition.op));
        if (stage.tensorize) {
            const auto* product = definition.right[0].as<Binary>();
            const Read *a = product->a.as<Read>(), *b = product->b.as<Read>();
            const AnyTensor named = stage.tensorize->a;
            if ((named.defined() && named.node() != a->tensor) ||
                (stage.tensorize->b.defined() && stage.tensorize->b.node() == a->tensor))
                std::swap(a, b);
            std::string text = fmt::format("Mma acc += {} * {}{}  atom {}", operand_text(stage, *a),
                                           operand_text(stage, *b), box_text, stage.tensorize->atom);
            const int pieces = stage.precision.pieces;
            if (pieces > 1)
                text += fmt::format(", operands in {} pieces: {} products", pieces, pieces * (pieces + 1) / 2);
            return text;
        }
        std::vector<std::string> values;
        for (const Expr& right : definition.right) values.push_back(print(right));
        std::string target = "acc";
        if (!accumulates(stage)) {
            std::vector<std::string> names;
            for (const AnyTensor& each : stage.stage.targets)
                names.push_back(fmt::format("{}[{}]", each.name(), index_text(definition.left)));
            target = join(names, ", ");
        }
        const std::string streaming = stage.streaming_stores && !accumulates(stage) ? ", past the cache" : "";
        return fmt::format("{}Map {} {} {}{}{}", stage.atomic && !accumulates(stage) ? "atomic " : "", target, op,
                           join(values, ", "), box_text, streaming);
    }

    // What follows a nest: roles, shared memory, second passes.
    void after(const StageNest& stage) {
        for (const Role& role : stage.roles) {
            const bool copies = role.name == "producer";
            std::vector<std::string> does;
            for (const CacheIn& cache : stage.caches)
                if (copies) does.push_back(fmt::format("Copy {}s", cache.tensor.name()));
            if (!copies) does = {stage.tensorize ? "Mma" : "Map", "Map " + stage.stage.targets[0].name()};
            const std::string registers = role.registers > 0 ? fmt::format(", {} registers", role.registers) : "";
            line(1, fmt::format("role {} ({} x {} threads{}): {}", role.name, role.count, role.threads, registers,
                                join(does, ", ")));
        }
        if (const std::int64_t bytes = shared_bytes(stage); bytes > 0)
            line(1, fmt::format("shared memory: {} B", bytes));
        if (stage.occupancy > 0) line(1, fmt::format("registers: for {} blocks a multiprocessor", stage.occupancy));
        const std::string target = stage.stage.targets[0].name();
        if (stage.work.kind == Work::Kind::stream_k) {
            line(0, fmt::format("{} fix-up: tiles whose {} several blocks shared, launched dependently",
                                stage.stage.name(), stage.work.loops.back().name()));
            line(1, fmt::format("Map {} <- sum of their partial tiles, in order of {}", target,
                                stage.work.loops.back().name()));
        }
        if (stage.split_reduction > 0) {
            line(0, fmt::format("{} second pass: {} partial results", stage.stage.name(), stage.split_reduction));
            line(1, fmt::format("Map {} {} partial[0..{}], in order", target, name_of(stage.stage.definition->op),
                                stage.split_reduction));
        }
    }

    const LoopNest& nest_;
    std::string text_;
};

}  // namespace

std::string print(const LoopNest& nest) { return NestPrinter(nest).run(); }

}  // namespace heddle
