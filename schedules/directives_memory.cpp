// schedules/directives_memory.cpp -- accumulate_in, cache_in, cache_out, pack, pipeline, streaming_stores.
#include <fmt/core.h>

#include <algorithm>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "runtime/text.h"
#include "schedules/directive_functions.h"
#include "schedules/directive_support.h"
#include "schedules/tile_box.h"

namespace heddle::directives {
namespace {

Memory memory_of(const LoopNest& nest, const std::string& word) {
    const Memory memory = parse_memory(word);
    if (nest.target.kind == TargetKind::host && memory == Memory::shared)
        refuse("the host has no shared memory; stack, heap and registers are legal");
    return memory;
}

CacheShape parse_shape(const std::string& word) {
    constexpr CacheShape shapes[] = {CacheShape::footprint, CacheShape::loop_coordinates, CacheShape::flat_span};
    return shapes[choose(word, {"footprint", "loop_coordinates", "flat_span"}, "shape of a tile")];
}

// Of so many bytes, in units of 16.
Swizzle parse_swizzle(std::int64_t bytes) {
    switch (bytes) {
        case 0:
            return {};
        case 32:
            return {1, 4, 3};
        case 64:
            return {2, 4, 3};
        case 128:
            return {3, 4, 3};
    }
    refuse(fmt::format("a swizzle of {} bytes; 0, 32, 64 and 128 are legal", bytes));
}

std::string copy_atom(const LoopNest& nest, const std::string& name) {
    if (name.empty()) return name;
    const Atom* atom = find_atom(name, nest.target.kind);
    if (!atom) atom = find_atom(name);
    const std::vector<std::string> names = atom_names(AtomKind::copy, nest.target.kind);
    if (!atom || atom->kind != AtomKind::copy)
        refuse(fmt::format("'{}' is no atom that copies; there are {}{}", name, join(names, ", "),
                           did_you_mean(name, names)));
    std::string reason;
    if (!available(*atom, nest.target, reason)) refuse(reason);
    return name;
}

CacheIn make_cache(const LoopNest& nest, StageNest& stage, const Arguments& arguments) {
    CacheIn cache;
    cache.memory = memory_of(nest, arguments.word("memory"));
    cache.at = attachment(stage, arguments.word("at", "root"));
    if (cache.at.defined() && is_tile_loop(*stage.find(cache.at)))
        refuse(fmt::format("{} is {}: a tile is filled at a loop around it", cache.at.name(),
                           name_of(stage.find(cache.at)->kind)));
    cache.atom = copy_atom(nest, arguments.word("atom", ""));
    cache.swizzle = parse_swizzle(arguments.integer("swizzle", 0));
    cache.pad = arguments.integer("pad", 0);
    if (cache.pad < 0 || cache.pad > 4096) refuse(fmt::format("pad must lie in 0 to 4096, not {}", cache.pad));
    if (cache.pad > 0 && cache.swizzle.bits > 0) refuse("a tile is padded or swizzled, not both");
    return cache;
}

// A read from data inside of an index, or a boundary whose meaning a copy would lose.
void require_copyable(const StageNest& stage, const AnyTensor& tensor) {
    for (const Read* read : reads_of(*stage.stage.definition, tensor))
        for (const Expr& index : read->indices)
            for_each_node(index, [&](const Expr& node) {
                if (node.as<Read>())
                    refuse(fmt::format("the index {} of {} is read from data", index_text(index), tensor.name()));
            });
}

// Variables of the definition, at least one of which is no loop any more.
bool names_variables(StageNest& stage, const std::vector<std::string>& names) {
    const std::vector<DomainVar>& domain = stage.stage.definition->domain;
    const auto is_variable = [&](const std::string& name) {
        return std::any_of(domain.begin(), domain.end(), [&](const DomainVar& v) { return v.symbol.name() == name; });
    };
    return std::all_of(names.begin(), names.end(), is_variable) &&
           !std::all_of(names.begin(), names.end(), [&](const std::string& name) { return stage.find(name); });
}

// The variables of these names, which are those that the read's indices are made of.
std::vector<Symbol> variables_read_by(const Definition& definition, const Read& read,
                                      const std::vector<std::string>& names) {
    std::vector<Symbol> order;
    const std::string tensor = AnyTensor(read.tensor).name();
    const auto depends = [&](const Symbol& s) {
        return std::any_of(read.indices.begin(), read.indices.end(), [&](const Expr& index) { return uses(index, s); });
    };
    for (const std::string& name : names)
        for (const DomainVar& v : definition.domain) {
            if (v.symbol.name() != name) continue;
            if (std::count(order.begin(), order.end(), v.symbol)) refuse(fmt::format("{} is named twice", name));
            if (!depends(v.symbol))
                refuse(fmt::format("the reads of {} do not depend on {}: the copy would hold each element {} times",
                                   tensor, name, print(v.extent.expr())));
            order.push_back(v.symbol);
        }
    for (const DomainVar& v : definition.domain)
        if (depends(v.symbol) && !std::count(order.begin(), order.end(), v.symbol))
            refuse(
                fmt::format("the index of {} depends on {}, which the order does not name", tensor, v.symbol.name()));
    return order;
}

// True unless the read is proved to be inside of its tensor.
bool needs_test(const Read& read, const Definition& definition) {
    Ranges ranges;
    for (const DomainVar& v : definition.domain) ranges[v.symbol] = range_of_extent(v.extent.expr());
    const std::vector<Extent>& shape = AnyTensor(read.tensor).shape();
    for (std::size_t d = 0; d < shape.size(); ++d)
        if (prove(Expr::integer(0) <= read.indices[d] && read.indices[d] < shape[d].expr(), ranges) != true)
            return true;
    return false;
}

}  // namespace

void accumulate_in(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "accumulate_in", {"memory", "at"}, 1);
    const Definition& definition = *stage.stage.definition;
    const std::string name = stage.stage.name();
    if (definition.op == UpdateOp::assign) refuse(fmt::format("{} is a = and accumulates nothing", name));
    if (!has_bare_left(definition) && !stage.atomic)
        refuse(fmt::format("{} has computed left indices: it updates memory directly", name));
    Accumulate accumulate;
    accumulate.memory = memory_of(nest, arguments.word("memory"));
    accumulate.at = attachment(stage, arguments.word("at", "root"));
    if (accumulate.at.defined() && is_tile_loop(*stage.find(accumulate.at)))
        refuse(fmt::format("{} is {}: the accumulator lives in a loop around it", accumulate.at.name(),
                           name_of(stage.find(accumulate.at)->kind)));
    stage.accumulate = accumulate;
}

void cache_in(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "cache_in", {"tensor", "memory", "at", "shape", "atom", "swizzle", "pad"}, 3);
    const AnyTensor tensor = tensor_read(stage, arguments.word("tensor"));
    CacheIn cache = make_cache(nest, stage, arguments);
    cache.tensor = tensor;
    cache.shape = parse_shape(arguments.word("shape", "footprint"));
    if (cache.shape == CacheShape::flat_span && nest.target.kind == TargetKind::cuda) {
        if (cache.memory != Memory::shared)
            refuse(fmt::format("a flat span lies in shared memory, not in {}", name_of(cache.memory)));
        if (cache.pad > 0 || cache.swizzle.bits > 0) refuse("a flat span is as memory is: no pad, no swizzle");
        if (cache.atom.starts_with("tma")) refuse("a flat span is copied by bulk, cp_async or ld_st, not as boxes");
        if (cache.atom.empty() && nest.target.compute_capability >= 90) cache.atom = "bulk";
    } else if (cache.atom == "bulk") {
        refuse(fmt::format("bulk copies a flat span, not a {}", name_of(cache.shape)));
    }
    for (const CacheIn& other : stage.caches)
        if (other.tensor == tensor && (other.memory == cache.memory || nest.target.kind == TargetKind::host))
            refuse(fmt::format("{} is cached in {} already", tensor.name(), name_of(other.memory)));
    for (const Pack& pack : stage.packs)
        if (pack.tensor == tensor) refuse(fmt::format("{} is packed: its reads go to the packed copy", tensor.name()));
    require_copyable(stage, tensor);
    const std::vector<const Read*> reads = reads_of(*stage.stage.definition, tensor);
    if (cache.shape == CacheShape::loop_coordinates && reads.size() > 1)
        refuse(fmt::format("{} reads {} at {} places, and a tile in loop coordinates holds one; footprint is legal",
                           stage.stage.name(), tensor.name(), reads.size()));
    for (const Read* read : reads) {
        if (folds(read->boundary.mode) && needs_test(*read, *stage.stage.definition))
            refuse(
                fmt::format("{}({}) folds indices back into the tensor, where a tile does not reach; reads that are "
                            "inside, zero, constant and skip can be cached",
                            name_of(read->boundary.mode), tensor.name()));
        if (!(read->boundary == reads[0]->boundary))
            refuse(fmt::format("the reads of {} differ in their boundaries, and a tile has one fill value",
                               tensor.name()));
    }
    stage.caches.push_back(std::move(cache));
}

void cache_out(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "cache_out", {"tensor", "memory", "at", "atom", "swizzle", "pad"}, 2);
    const AnyTensor target = stage.stage.targets[0];
    if (arguments.word("tensor") != target.name())
        refuse(fmt::format("{} writes {}, not '{}'", stage.stage.name(), target.name(), arguments.word("tensor")));
    if (!has_bare_left(*stage.stage.definition))
        refuse(fmt::format("{} has computed left indices: what it writes is not a tile", stage.stage.name()));
    if (stage.cache_out) refuse(fmt::format("{} is cached already", target.name()));
    CacheIn cache = make_cache(nest, stage, arguments);
    cache.tensor = target;
    stage.cache_out = std::move(cache);
}

void pack(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "pack", {"tensor", "order"}, 2);
    const AnyTensor tensor = tensor_read(stage, arguments.word("tensor"));
    const Definition& definition = *stage.stage.definition;
    if (stage.placement != Placement::root)
        refuse(fmt::format("{} is placed in {}, and only a stage with a nest of its own packs what it reads",
                           stage.stage.name(), stage.placed_in));
    for (const Pack& other : stage.packs)
        if (other.tensor == tensor) refuse(fmt::format("{} is packed already", tensor.name()));
    for (const CacheIn& cache : stage.caches)
        if (cache.tensor == tensor) refuse(fmt::format("{} is cached already", tensor.name()));
    const std::vector<const Read*> reads = reads_of(definition, tensor);
    if (reads.size() != 1)
        refuse(fmt::format("{} reads {} at {} places, and a packed copy has the order of one", stage.stage.name(),
                           tensor.name(), reads.size()));
    require_copyable(stage, tensor);
    Pack pack;
    pack.tensor = tensor;
    const std::vector<std::string> order = arguments.words("order");
    if (names_variables(stage, order)) {
        pack.order = variables_read_by(definition, *reads[0], order);
        stage.packs.push_back(std::move(pack));
        return;
    }
    for (const std::string& name : order) {
        const Loop& loop = loop_named(stage, name);
        if (std::count(pack.order.begin(), pack.order.end(), loop.var)) refuse(fmt::format("{} is named twice", name));
        bool depends = static_extent(loop) == 1;
        for (const Expr& index : reads[0]->indices) depends = depends || uses(over_loops(stage, index), loop.var);
        if (!depends)
            refuse(fmt::format("the reads of {} do not depend on {}: the copy would hold each element {} times",
                               tensor.name(), name, print(loop.extent)));
        pack.order.push_back(loop.var);
    }
    if (pack.order.empty()) refuse("the order names no loops");
    for (const Loop& loop : loops_read_by(stage, tensor, stage.loops))
        if (!std::count(pack.order.begin(), pack.order.end(), loop.var))
            refuse(fmt::format("the index of {} depends on the loop {}, which the order does not name", tensor.name(),
                               loop.name()));
    stage.packs.push_back(std::move(pack));
}

void pipeline(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "pipeline", {"loop", "depth"}, 2);
    if (nest.target.kind == TargetKind::host)
        refuse("the host has no asynchronous copies to overlap; its loops are pipelined by the processor");
    Loop& loop = loop_named(stage, arguments.word("loop"));
    if (loop.kind != LoopKind::serial)
        refuse(fmt::format("{} is {}: only a serial loop is pipelined", loop.name(), name_of(loop.kind)));
    const std::int64_t depth = arguments.integer("depth");
    if (depth < 2 || depth > 16) refuse(fmt::format("the depth must lie in 2 to 16, not {}", depth));
    loop.pipeline = static_cast<int>(depth);
}

void streaming_stores(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "streaming_stores", {}, 0);
    stage.streaming_stores = true;
}

}  // namespace heddle::directives
