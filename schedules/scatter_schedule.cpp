// schedules/scatter_schedule.cpp -- untuned schedules of updates at computed indices, by how their points meet.
#include "schedules/scatter_schedule.h"

#include <fmt/core.h>

#include <algorithm>

#include "schedules/definition_facts.h"
#include "schedules/directive_support.h"
#include "schedules/legality.h"

namespace heddle {
namespace {

constexpr std::int64_t threads_of_block = 256;
constexpr std::int64_t tasks_of_thread = 8;
constexpr double few_points = 1 << 15;

Argument word(const std::string& text) { return {"", text}; }

/// Names and constant extents (else 0) of some loops, outermost first.
struct LoopGroup {
    std::vector<std::string> names;
    std::vector<std::int64_t> extents;

    void add(const Loop& loop) {
        names.push_back(loop.name());
        extents.push_back(static_extent(loop).value_or(0));
    }
    bool empty() const { return names.empty(); }
    /// Division by run-time sizes is avoided: all but the first are constant.
    bool fuses() const {
        return std::all_of(extents.begin() + 1, extents.end(), [](auto e) { return e > 0; });
    }
};

LoopGroup loops_where(const StageNest& stage, bool reduced) {
    LoopGroup group;
    for (const Loop& loop : stage.loops)
        if (loop.reduced == reduced) group.add(loop);
    return group;
}

std::string fuse(Schedule& schedule, const std::vector<std::string>& names) {
    if (names.size() == 1) return names[0];
    std::string fused;
    std::vector<LoopName> loops;
    for (const std::string& name : names) {
        fused += name;
        loops.emplace_back(name);
    }
    schedule.fuse(loops, fused);
    return fused;
}

/// One thread an iteration.
void bind_all(Schedule& schedule, const LoopGroup& group) {
    std::string loop = group.names.back();
    if (group.fuses())
        loop = fuse(schedule, group.names);
    else
        schedule.add("bind", {word(group.names[0]), word("block_y")});
    schedule.split(loop, threads_of_block);
    schedule.add("bind", {word(loop + ".o"), word("block_x")}).add("bind", {word(loop + ".i"), word("thread_x")});
}

/// Leading loops, as many as give every thread several tasks; tasks of very short loops are joined.
void share_among_threads(Schedule& schedule, const LoopGroup& group, int threads) {
    const std::int64_t wanted = tasks_of_thread * threads;
    std::int64_t tasks = 1;
    std::vector<std::string> leading;
    for (std::size_t i = 0; i < group.names.size() && tasks < wanted; ++i) {
        if (i > 0 && group.extents[i] == 0) break;
        leading.push_back(group.names[i]);
        tasks = group.extents[i] > 0 ? tasks * group.extents[i] : wanted;
    }
    const std::string loop = fuse(schedule, leading);
    if (tasks < 2 * wanted) {
        schedule.parallel(loop);
        return;
    }
    schedule.split(loop, static_cast<int>(std::min<std::int64_t>(tasks / wanted, 1 << 20)));
    schedule.parallel(loop + ".o");
}

/// Of a device: how many threads share the points of an element; 1 where neighbours have elements side by side, or few
/// points each.
std::int64_t lanes_for(const Definition& definition, const Target& target) {
    if (target.kind == TargetKind::host) return 1;
    double points = 1, elements = 1;
    bool beside = false;
    for (const VariableFacts& v : facts_of(definition).variables) {
        if (!v.independent && !v.reduced) points *= static_cast<double>(v.extent);
        beside = beside || (v.independent && v.contiguous && v.extent >= 32);
    }
    for (std::size_t d = 0; d < definition.left.size(); ++d) {
        const Extent& extent = definition.target().shape()[d];
        if (!definition.left[d].as<Variable>())
            elements *= extent.is_static() ? static_cast<double>(extent.value()) : 1e3;
    }
    if (beside || points < 64 * elements) return 1;
    return points < 4096 * elements ? 32 : threads_of_block;
}

/// A block an element where all its threads share it, else a warp.
void bind_shared(Schedule& schedule, const LoopGroup& group, std::int64_t lanes) {
    const std::string loop = group.fuses() ? fuse(schedule, group.names) : group.names.back();
    if (!group.fuses()) schedule.add("bind", {word(group.names[0]), word("block_y")});
    schedule.add("bind", {word("lane"), word("thread_x")});
    if (lanes == threads_of_block) {
        schedule.add("bind", {word(loop), word("block_x")}).add("reduce_across", {word("threads")});
        return;
    }
    schedule.split(loop, threads_of_block / static_cast<int>(lanes));
    schedule.add("bind", {word(loop + ".o"), word("block_x")}).add("bind", {word(loop + ".i"), word("thread_y")});
    schedule.add("reduce_across", {word("warps")});
}

/// After sort_points(): loops over elements, that over an element's points, reduced ones.
void write_sorted(const StageNest& stage, const Target& target, std::int64_t sharing, Schedule& schedule) {
    LoopGroup elements = loops_where(stage, false), inside = loops_where(stage, true);
    if (target.kind == TargetKind::cuda && !elements.empty())
        return sharing > 1 ? bind_shared(schedule, elements, sharing) : bind_all(schedule, elements);
    if (target.kind == TargetKind::cuda) return;
    const auto* last = stage.stage.definition->left.back().as<Variable>();
    const std::int64_t lanes = lanes_of(target, compute_type(stage.stage.targets[0].type()));
    const auto points = stage.position(stage.segments->loop);
    const bool vector = elements.names.size() > 1 && last && elements.extents.back() >= lanes && points > 0 &&
                        !uses(stage.loops[points].extent, stage.loops[points - 1].var);
    if (vector) {
        const std::string lane = elements.names.back();
        const std::int64_t width = elements.extents.back() >= 4 * lanes ? 4 * lanes : lanes;
        schedule.split(lane, static_cast<int>(std::min<std::int64_t>(width, 64)));
        elements.names.back() = lane + ".o";
        elements.extents.back() = (elements.extents.back() + width - 1) / width;
        std::vector<LoopName> order;
        for (const LoopGroup* group : {&elements, &inside})
            for (const std::string& name : group->names) order.emplace_back(name);
        order.emplace_back(lane + ".i");
        schedule.reorder(order).vectorize(lane + ".i");
    }
    if (!elements.empty()) share_among_threads(schedule, elements, target.threads);
}

void write_atomic(const StageNest& stage, const Target& target, Schedule& schedule) {
    const LoopGroup free = loops_where(stage, false), reduced = loops_where(stage, true);
    const LoopGroup& shared = free.empty() ? reduced : free;
    if (shared.empty()) return;
    if (target.kind == TargetKind::cuda)
        bind_all(schedule, shared);
    else
        share_among_threads(schedule, shared, target.threads);
}

}  // namespace

std::string_view name_of(ScatterForm form) {
    constexpr std::string_view names[] = {"serial", "atomic", "sorted"};
    return names[static_cast<int>(form)];
}

bool is_scatter(const Definition& definition) {
    if (definition.op == UpdateOp::assign || has_bare_left(definition)) return false;
    const std::vector<VariableFacts> variables = facts_of(definition).variables;
    return std::any_of(variables.begin(), variables.end(),
                       [](const VariableFacts& v) { return !v.reduced && !v.independent; });
}

std::vector<std::string> scatters_of(const Pipeline& pipeline) {
    std::vector<std::string> names;
    for (const PipelineStage& stage : pipeline.stages)
        if (is_scatter(*stage.definition)) names.push_back(stage.name());
    return names;
}

bool scatter_stage(const Pipeline& pipeline, const PipelineStage& stage, const Target& target, ScatterForm form,
                   Schedule& schedule) {
    if (!is_scatter(*stage.definition)) return false;
    if (form == ScatterForm::serial) return true;
    const char* directive = form == ScatterForm::atomic ? "atomic" : "sort_points";
    const std::int64_t lanes = form == ScatterForm::sorted ? lanes_for(*stage.definition, target) : 1;
    std::vector<Argument> arguments;
    if (lanes > 1) arguments.push_back({"", lanes});
    Schedule alone;
    alone.stage(stage.name()).add(directive, arguments);
    LoopNest nest;
    if (apply(alone, pipeline, target, nest)) return false;
    const StageNest& changed = *nest.find(stage.name());
    schedule.stage(stage.name()).add(directive, arguments);
    if (form == ScatterForm::atomic)
        write_atomic(changed, target, schedule);
    else
        write_sorted(changed, target, lanes, schedule);
    return true;
}

Schedule scatter_schedule(const Pipeline& pipeline, const Target& target, ScatterForm form) {
    const std::vector<std::string> scatters = scatters_of(pipeline);
    Schedule schedule;
    const Schedule defaults = default_schedule(pipeline, target);
    for (const Directive& directive : defaults.directives()) {
        if (std::find(scatters.begin(), scatters.end(), directive.stage) != scatters.end()) continue;
        schedule.stage(directive.stage).add(directive.name, directive.arguments);
    }
    for (const PipelineStage& stage : pipeline.stages)
        if (is_scatter(*stage.definition) && !scatter_stage(pipeline, stage, target, form, schedule)) {
            Schedule alone;
            alone.stage(stage.name()).add(form == ScatterForm::atomic ? "atomic" : "sort_points", {});
            scheduled_nest(pipeline, alone, target);  // says why not
        }
    return schedule;
}

bool sorts_on_host(const Definition& definition, const Target& target) {
    if (!is_scatter(definition) || target.threads < 2) return false;
    double points = 1;
    bool shared = false;
    for (const VariableFacts& v : facts_of(definition).variables) {
        points *= static_cast<double>(v.extent);
        shared = shared || (v.independent && !v.contiguous && v.extent >= target.threads);
    }
    return points >= few_points && !shared;
}

}  // namespace heddle
