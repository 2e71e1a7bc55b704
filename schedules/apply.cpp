// schedules/apply.cpp -- schedules applied to the plain nest.
#include <fmt/core.h>

#include "runtime/error.h"
#include "schedules/directive.h"
#include "schedules/directive_support.h"

namespace heddle {
namespace {

// As the schedule prints it: "y.1: split(q, 0)".
std::string text_of(const Directive& directive) {
    Schedule one;
    if (!directive.stage.empty()) one.stage(directive.stage);
    return print(one.add(directive.name, directive.arguments));
}

// The last stage of the first output.
std::string default_stage(const Pipeline& pipeline) {
    for (auto stage = pipeline.stages.rbegin(); stage != pipeline.stages.rend(); ++stage)
        for (const AnyTensor& target : stage->targets)
            if (target == pipeline.outputs.front()) return stage->name();
    throw InternalError("an output of a pipeline has no stage");
}

// What a stage without a nest of its own can still be told.
Reason placement_reason(const StageNest& stage, const DirectiveRow& row) {
    if (row.group == "pipelines" || stage.placement == Placement::root || stage.placement == Placement::at) return {};
    if (stage.placement == Placement::epilogue && row.name == "streaming_stores") return {};
    const std::string name = stage.stage.name();
    if (stage.placement == Placement::inlined)
        return fmt::format("{} is inlined and has no loops; compute_root() first", name);
    if (stage.placement == Placement::epilogue)
        return fmt::format("{} is an epilogue of {} and takes its loops; direct those, or compute_root() first", name,
                           stage.placed_in);
    return fmt::format("{} is where {} starts from and takes its loops: direct those", name, stage.placed_in);
}

Reason apply_one(LoopNest& nest, const Directive& directive) {
    const DirectiveRow* row = find_directive(directive.name);
    if (!row) {
        std::vector<std::string> names;
        for (const DirectiveRow& each : directive_table()) names.emplace_back(each.name);
        return fmt::format("there is no directive '{}'{}", directive.name, did_you_mean(directive.name, names));
    }
    try {
        const std::string name = directive.stage.empty() ? default_stage(nest.pipeline) : directive.stage;
        StageNest& stage = stage_named(nest, name);
        if (Reason reason = placement_reason(stage, *row)) return reason;
        return row->apply(nest, stage, directive.arguments);
    } catch (const Illegal& illegal) {
        return illegal.reason;
    }
}

}  // namespace

std::optional<Refusal> apply(const Schedule& schedule, const Pipeline& pipeline, const Target& target, LoopNest& nest) {
    nest = plain_nest(pipeline, target);
    const std::vector<Directive>& directives = schedule.directives();
    for (std::size_t i = 0; i < directives.size(); ++i)
        if (const Reason reason = apply_one(nest, directives[i]))
            return Refusal{i, fmt::format("{}: {}", text_of(directives[i]), *reason)};
    if (const Reason reason = check_nest(nest)) return Refusal{directives.size(), *reason};
    return {};
}

LoopNest scheduled_nest(const Pipeline& pipeline, const Schedule& schedule, const Target& target) {
    LoopNest nest;
    if (const std::optional<Refusal> refusal = apply(schedule, pipeline, target, nest))
        throw UserError(refusal->reason);
    return nest;
}

}  // namespace heddle
