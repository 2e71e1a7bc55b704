// schedules/directive_support.cpp -- loops by name, rewriting indices, and what refers to a loop.
#include "schedules/directive_support.h"

#include <fmt/core.h>

#include <algorithm>

#include "dsl/print.h"
#include "dsl/print_expr.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle {
namespace {

// The directive that names a loop, as a clause; empty when none does.
std::string user_of(const LoopNest& nest, const StageNest& stage, const Symbol& loop) {
    if (stage.accumulate && stage.accumulate->at == loop) return "accumulate_in is attached to it";
    for (const CacheIn& cache : stage.caches)
        if (cache.at == loop) return fmt::format("cache_in({}) is attached to it", cache.tensor.name());
    if (stage.cache_out && stage.cache_out->at == loop) return "cache_out is attached to it";
    for (const Pack& pack : stage.packs)
        if (std::count(pack.order.begin(), pack.order.end(), loop))
            return fmt::format("pack({}) names it", pack.tensor.name());
    if (std::count(stage.work.loops.begin(), stage.work.loops.end(), loop)) return "work names it";
    for (const StageNest& other : nest.stages)
        if (other.placement == Placement::at && other.placed_in == stage.stage.name() && other.placed_at == loop)
            return fmt::format("{} is computed at it", other.stage.name());
    return "";
}

}  // namespace

void refuse(std::string reason) { throw Illegal{std::move(reason)}; }

std::size_t choose(const std::string& word, const std::vector<std::string>& words, const std::string& what) {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == word) return i;
    refuse(fmt::format("'{}' is no {}; there are {}{}", word, what, join(words, ", "), did_you_mean(word, words)));
}

Memory parse_memory(const std::string& word) {
    constexpr Memory memories[] = {Memory::heap, Memory::stack, Memory::registers, Memory::shared};
    if (word == "memory") return Memory::stack;
    std::vector<std::string> names;
    for (const Memory memory : memories) names.emplace_back(name_of(memory));
    return memories[choose(word, names, "memory")];
}

std::string loop_names(const StageNest& stage) {
    std::vector<std::string> names;
    for (const Loop& loop : stage.loops) names.push_back(loop.name());
    return join(names, ", ");
}

Loop& loop_named(StageNest& stage, const std::string& name) {
    if (Loop* loop = stage.find(name)) return *loop;
    std::vector<std::string> names;
    for (const Loop& loop : stage.loops) names.push_back(loop.name());
    if (names.empty()) refuse(fmt::format("there is no loop '{}': {} has no loops", name, stage.stage.name()));
    std::string meant = did_you_mean(name, names);
    for (const std::string& other : names)
        if (meant.empty() && other.starts_with(name + ".")) meant = fmt::format("; did you mean '{}'?", other);
    refuse(fmt::format("there is no loop '{}' in {}; its loops are {}{}", name, stage.stage.name(), join(names, ", "),
                       meant));
}

Symbol attachment(StageNest& stage, const std::string& name) {
    if (name == "root" && !stage.find(name)) return {};
    return loop_named(stage, name).var;
}

AnyTensor tensor_read(const StageNest& stage, const std::string& name) {
    std::vector<std::string> names;
    for (const Read* read : reads_of(*stage.stage.definition)) {
        AnyTensor tensor(read->tensor);
        if (tensor.name() == name) return tensor;
        if (std::count(names.begin(), names.end(), tensor.name()) == 0) names.push_back(tensor.name());
    }
    if (names.empty()) refuse(fmt::format("{} reads no tensors", stage.stage.name()));
    refuse(fmt::format("{} does not read '{}'; it reads {}{}", stage.stage.name(), name, join(names, ", "),
                       did_you_mean(name, names)));
}

std::string index_text(const Expr& e) {
    Names names;
    return print_expr(e, names, Spacing::compact, ScalarType::i64);
}

std::string index_text(const std::vector<Expr>& indices) {
    Names names;
    std::vector<std::string> parts;
    for (const Expr& index : indices) parts.push_back(print_expr(index, names, Spacing::compact, ScalarType::i64));
    return join(parts, ",");
}

StageNest& stage_named(LoopNest& nest, const std::string& name) {
    if (StageNest* stage = nest.find(name)) return *stage;
    std::vector<std::string> names;
    for (const StageNest& stage : nest.stages) names.push_back(stage.stage.name());
    refuse(fmt::format("there is no stage '{}'; there are {}{}", name, join(names, ", "), did_you_mean(name, names)));
}

std::optional<std::int64_t> static_extent(const Loop& loop) {
    const auto* extent = loop.extent.as<IntImm>();
    return extent ? std::optional(extent->value) : std::nullopt;
}

std::int64_t needed_extent(const Loop& loop, const std::string& directive) {
    const std::optional<std::int64_t> extent = static_extent(loop);
    if (!extent)
        refuse(fmt::format("{} needs a constant extent, and that of {} is {}: split it first", directive, loop.name(),
                           print(loop.extent)));
    return *extent;
}

bool is_tile_loop(const Loop& loop) { return loop.kind == LoopKind::unrolled || loop.kind == LoopKind::vectorized; }

bool is_bound(const Loop& loop) { return loop.kind >= LoopKind::block_x; }

Expr over_loops(const StageNest& stage, const Expr& e) {
    return simplify(substitute(e, Substitution(stage.index.begin(), stage.index.end())), stage.ranges());
}

std::vector<const Read*> reads_of(const Definition& definition, const AnyTensor& tensor) {
    std::vector<const Read*> reads;
    for (const Expr& right : definition.right)
        for_each_node(right, [&](const Expr& node) {
            const auto* read = node.as<Read>();
            if (read && (!tensor.defined() || read->tensor == tensor.node())) reads.push_back(read);
        });
    return reads;
}

Ranges all_ranges(const LoopNest& nest, const StageNest& stage) {
    Ranges ranges = stage.ranges();
    if (stage.placement == Placement::at)
        if (const StageNest* consumer = nest.find(stage.placed_in)) ranges.merge(all_ranges(nest, *consumer));
    return ranges;
}

void replace_loop(LoopNest& nest, StageNest& stage, const Substitution& values) {
    const Ranges ranges = all_ranges(nest, stage);
    const auto replace = [&](Expr& e) { e = simplify(substitute(e, values), ranges); };
    // What keeps reads of sorted points inside past the end of a split loop stays, even where nothing is split yet.
    const auto sorted = [&](const Expr& e) { return stage.segments && uses(e, stage.segments->loop); };
    for (auto& [symbol, value] : stage.index) {
        if (sorted(value))
            value = substitute(value, values);
        else
            replace(value);
    }
    if (Loop* points = stage.segments ? stage.find(stage.segments->loop.name()) : nullptr)
        points->extent = substitute(points->extent, values);
    // Sides are simplified, not the test: what is proved now need not hold when loops are replaced again.
    for (Guard& guard : stage.guards) {
        const Expr condition = substitute(guard.condition, values);
        const auto* test = condition.as<Binary>();
        guard.condition = test ? binary(test->op, simplify(test->a, ranges), simplify(test->b, ranges)) : condition;
    }
    for (StageNest& placed : nest.stages) {
        if (placed.placement != Placement::at || placed.placed_in != stage.stage.name()) continue;
        for (Expr& min : placed.region_min) replace(min);
        replace_loop(nest, placed, values);
    }
}

std::vector<Symbol> variables_of(const StageNest& stage, const Symbol& loop) {
    std::vector<Symbol> variables;
    for (const DomainVar& v : stage.stage.definition->domain)
        if (const auto found = stage.index.find(v.symbol); found != stage.index.end() && uses(found->second, loop))
            variables.push_back(v.symbol);
    return variables;
}

void require_unused(const LoopNest& nest, const StageNest& stage, const Loop& loop, const std::string& directive) {
    const std::string user = user_of(nest, stage, loop.var);
    if (!user.empty()) refuse(fmt::format("{}: put {} before that directive", user, directive));
}

}  // namespace heddle
