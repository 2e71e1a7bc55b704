// schedules/default_cuda.cpp -- the untuned schedule of a pipeline on a CUDA device.
#include "schedules/default_cuda.h"

#include <algorithm>

#include "schedules/loop_nest.h"

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

}  // namespace

Schedule default_cuda_schedule(const Pipeline& pipeline, const Target& target) {
    Schedule schedule;
    for (const StageNest& stage : plain_nest(pipeline, target).stages) {
        if (stage.placement != Placement::root) continue;
        std::vector<LoopName> spread, order;
        std::string fused;
        for (const Loop& loop : stage.loops)
            if (is_bare_left(stage, loop)) {
                spread.emplace_back(loop.name());
                fused += (fused.empty() ? "" : "_") + loop.name();
            }
        if (spread.empty()) continue;
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
    return schedule;
}

}  // namespace heddle
