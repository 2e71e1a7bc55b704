// schedules/default_cuda.cpp -- the untuned schedule of a pipeline on a CUDA device.
#include "schedules/default_cuda.h"

#include <algorithm>

#include "schedules/loop_nest.h"

namespace heddle {
namespace {

constexpr int threads = 256;

bool is_bare_left(const Definition& definition, const Symbol& symbol) {
    return std::any_of(definition.left.begin(), definition.left.end(), [&](const Expr& index) {
        const auto* variable = index.as<Variable>();
        return variable && variable->symbol == symbol;
    });
}

}  // namespace

Schedule default_cuda_schedule(const Pipeline& pipeline, const Target& target) {
    Schedule schedule;
    for (const StageNest& stage : plain_nest(pipeline, target).stages) {
        if (stage.placement != Placement::root) continue;
        std::vector<LoopName> spread, order;
        std::string fused;
        for (const Loop& loop : stage.loops)
            if (is_bare_left(*stage.stage.definition, loop.var)) {
                spread.emplace_back(loop.name());
                fused += (fused.empty() ? "" : "_") + loop.name();
            }
        if (spread.empty()) continue;
        order = spread;
        for (const Loop& loop : stage.loops)
            if (!is_bare_left(*stage.stage.definition, loop.var)) order.emplace_back(loop.name());
        schedule.stage(stage.stage.name());
        if (order.size() > 1) schedule.reorder(order);
        if (spread.size() > 1) schedule.fuse(spread, LoopName(fused));
        schedule.split(LoopName(fused), threads);
        schedule.add("bind", {{"", fused + ".o"}, {"", std::string("block_x")}});
        schedule.add("bind", {{"", fused + ".i"}, {"", std::string("thread_x")}});
    }
    return schedule;
}

}  // namespace heddle
