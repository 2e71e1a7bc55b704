// schedules/default_cuda.cpp -- the untuned schedule of a pipeline on a CUDA device.
#include "schedules/default_cuda.h"

#include <algorithm>
#include <map>

#include "schedules/default_cuda_family.h"
#include "schedules/definition_facts.h"
#include "schedules/directive_support.h"
#include "schedules/loop_nest.h"
#include "schedules/place_stages.h"
#include "schedules/tuning_space.h"

namespace heddle {
namespace {

constexpr int threads = 256;

// A plain stage has one loop a variable.
bool is_bare_left(const StageNest& stage, const Loop& loop) {
    const std::vector<Expr>& left = stage.stage.definition->left;
    return std::any_of(left.begin(), left.end(), [&](const Expr& index) {
        const auto* variable = index.as<Variable>();
        return variable && equal(stage.index.at(variable->symbol), Expr(loop.var));
    });
}

class Builder {
public:
    Builder(const Pipeline& pipeline, const Target& target)
        : pipeline_(pipeline), target_(target), plain_(plain_nest(pipeline, target)) {}

    Schedule run() {
        find_groups();
        // A stage is placed before what it reads, which may follow it there.
        for (const StageNest& stage : plain_.stages)
            if (stage.placement == Placement::root && !owner_.count(&stage)) choose(stage);
        return std::move(schedule_);
    }

private:
    template <class Write>
    bool accepted(Write write) {
        Schedule trial = schedule_;
        if (!write(trial)) return false;
        LoopNest nest;
        if (apply(trial, pipeline_, target_, nest)) return false;
        schedule_ = std::move(trial);
        return true;
    }

    void choose(const StageNest& stage) {
        const std::string name = stage.stage.name();
        const auto placed = [&](auto write) {
            return accepted([&](Schedule& trial) {
                trial.stage(name);
                write(trial);
                return true;
            });
        };
        if (may_inline(pipeline_, stage.stage) && placed([](Schedule& trial) { trial.compute_inline(); })) return;
        if (may_be_epilogue(pipeline_, stage.stage) && placed([](Schedule& trial) { trial.fuse_epilogue(); })) return;
        std::vector<const StageNest*> members;
        for (const StageNest& other : plain_.stages)
            if (const auto owner = owner_.find(&other); owner != owner_.end() && owner->second == &stage)
                members.push_back(&other);
        const Definition& definition = *stage.stage.definition;
        const Family family = classify(definition).family;
        if ((!members.empty() || family == Family::reduction) &&
            accepted([&](Schedule& trial) { return rows_cuda_stage(stage, members, trial); }))
            return;
        for (const StageNest* member : members) choose_alone(*member);
        choose_alone(stage);
    }

    void choose_alone(const StageNest& stage) {
        const Family family = classify(*stage.stage.definition).family;
        if (family == Family::reduction && accepted([&](Schedule& trial) { return rows_cuda_stage(stage, {}, trial); }))
            return;
        if (family != Family::contraction &&
            accepted([&](Schedule& trial) { return stencil_cuda_stage(stage, trial); }))
            return;
        plain_cuda_stage(stage, schedule_);
    }

    // Reductions that only one stage reads, and reductions of its own rows: computed where it goes through the row.
    void find_groups() {
        for (auto stage = plain_.stages.rbegin(); stage != plain_.stages.rend(); ++stage) {
            if (stage->placement != Placement::root || !may_be_member(*stage)) continue;
            const StageNest* owner = nullptr;
            bool fits = true;
            for (const StageNest& reader : plain_.stages) {
                bool reads = false;
                for (const AnyTensor& target : stage->stage.targets)
                    reads = reads || !reads_of(*reader.stage.definition, target).empty();
                if (!reads) continue;
                fits = fits && reader.placement == Placement::root;
                const auto known = owner_.find(&reader);
                const StageNest* here = known == owner_.end() ? &reader : known->second;
                fits = fits && (!owner || owner == here) && reads_rows(reader, *stage);
                owner = here;
            }
            if (fits && owner) owner_[&*stage] = owner;
        }
    }
    bool may_be_member(const StageNest& stage) const {
        const Definition& definition = *stage.stage.definition;
        if (definition.op == UpdateOp::assign || !has_bare_left(definition) || stage.stage.index > 0) return false;
        for (const AnyTensor& target : stage.stage.targets)
            for (const AnyTensor& output : pipeline_.outputs)
                if (output == target) return false;
        return classify(definition).family == Family::reduction;
    }
    // At bare variables of its left, and it has others beside.
    static bool reads_rows(const StageNest& reader, const StageNest& reduction) {
        const Definition& definition = *reader.stage.definition;
        if (!has_bare_left(definition) || definition.domain.size() <= reduction.stage.definition->left.size())
            return false;
        for (const AnyTensor& target : reduction.stage.targets)
            for (const Read* read : reads_of(definition, target))
                for (const Expr& index : read->indices) {
                    const auto* variable = index.as<Variable>();
                    if (!variable || definition.find(variable->symbol)->reduced) return false;
                }
        return true;
    }

    const Pipeline& pipeline_;
    const Target& target_;
    const LoopNest plain_;
    Schedule schedule_;
    std::map<const StageNest*, const StageNest*> owner_;
};

}  // namespace

std::int64_t vector_length(std::int64_t extent, int bytes_of_element) {
    std::int64_t length = std::max(1, 16 / bytes_of_element);
    while (length > 1 && extent % length != 0) length /= 2;
    return length;
}

void plain_cuda_stage(const StageNest& stage, Schedule& schedule) {
    std::vector<LoopName> spread, order;
    std::string fused;
    for (const Loop& loop : stage.loops)
        if (is_bare_left(stage, loop)) {
            spread.emplace_back(loop.name());
            fused += (fused.empty() ? "" : "_") + loop.name();
        }
    if (spread.empty()) return;
    order = spread;
    for (const Loop& loop : stage.loops)
        if (!is_bare_left(stage, loop)) order.emplace_back(loop.name());
    schedule.stage(stage.stage.name());
    if (order.size() > 1) schedule.reorder(order);
    if (spread.size() > 1) schedule.fuse(spread, LoopName(fused));
    schedule.split(LoopName(fused), threads);
    schedule.add("bind", {{"", fused + ".o"}, {"", std::string("block_x")}});
    schedule.add("bind", {{"", fused + ".i"}, {"", std::string("thread_x")}});
}

Schedule default_cuda_schedule(const Pipeline& pipeline, const Target& target) {
    return Builder(pipeline, target).run();
}

}  // namespace heddle
