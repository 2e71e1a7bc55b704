// schedules/cost_terms.cpp -- extents of what is unrolled and rolled, strides of lanes and threads, data of inner
// loops.
#include "schedules/cost_terms.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace heddle {
namespace {

constexpr double most_log = 20;
constexpr int line_bytes = 64;
constexpr int inner_loops = 3;  ///< whose extents and data are told one by one
constexpr std::string_view names_of_extents[inner_loops] = {"rolled_1", "rolled_2", "rolled_3"};
constexpr std::string_view names_of_bytes[inner_loops] = {"bytes_1", "bytes_2", "bytes_3"};

/// How the accesses move with one loop.
void add_strides(const StageAccesses& stage, int loop, std::string_view of, CostTerms& terms) {
    int still = 0, side_by_side = 0, apart = 0;
    for (const auto* list : {&stage.reads, &stage.writes})
        for (const NestAccess& access : *list) {
            const std::int64_t stride = std::abs(access.stride(loop, stage.loops));
            ++(stride == 0 ? still : stride == 1 ? side_by_side : apart);
        }
    terms.set(std::string(of) + "_still", still);
    terms.set(std::string(of) + "_side_by_side", side_by_side);
    terms.set(std::string(of) + "_apart", apart);
}

}  // namespace

void CostTerms::set_log(std::string_view name, double value) { set(name, std::log2(1 + std::max(0.0, value))); }

void CostTerms::set_ratio(std::string_view name, double a, double b) {
    set(name, a > 0 && b > 0 ? std::clamp(std::log2(a / b), -most_log, most_log) : a > 0 ? most_log : -most_log);
}

CostTerms mean_of(const std::vector<std::pair<CostTerms, double>>& stages) {
    struct Sum {
        double value = 0, weight = 0;
    };
    std::map<std::string, Sum> sums;
    double total = 0, longest = 0;
    for (const auto& [terms, seconds] : stages) {
        total += seconds;
        longest = std::max(longest, seconds);
        for (const auto& [name, value] : terms.values()) {
            Sum& sum = sums[name];
            sum.value += value * seconds;
            sum.weight += seconds;
        }
    }
    CostTerms mean;
    for (const auto& [name, sum] : sums) mean.set(name, sum.value / sum.weight);
    mean.set("share_of_longest", longest / total);
    return mean;
}

void add_nest_terms(const StageAccesses& stage, CostTerms& terms) {
    const std::vector<NestLoop>& loops = stage.loops;
    double tile = 1, reduced_tile = 1, lanes = 1, clipped = 0, partitioned = 0;
    int lane = -1, thread = -1;
    std::vector<int> rolled;
    for (int i = 0; i < static_cast<int>(loops.size()); ++i) {
        const NestLoop& loop = loops[static_cast<std::size_t>(i)];
        const auto extent = static_cast<double>(loop.extent);
        clipped += loop.clipped ? 1 : 0;
        partitioned += loop.partitioned ? 1 : 0;
        if (loop.kind == LoopKind::thread_x) thread = i;
        if (loop.kind == LoopKind::vectorized) {
            lane = i;
            lanes = extent;
        } else if (loop.is_tile()) {
            (loop.reduced ? reduced_tile : tile) *= extent;
        } else if (loop.kind == LoopKind::serial && loop.extent > 1) {
            rolled.push_back(i);
        }
    }
    std::reverse(rolled.begin(), rolled.end());
    terms.set_log("tile", tile);
    terms.set_log("reduced_tile", reduced_tile);
    terms.set_log("lanes", lanes);
    terms.set("clipped", clipped);
    terms.set("partitioned", partitioned);
    terms.set("rolled", static_cast<double>(rolled.size()));
    for (int i = 0; i < inner_loops; ++i) {
        if (i >= static_cast<int>(rolled.size())) break;
        const int at = rolled[static_cast<std::size_t>(i)];
        const NestLoop& loop = loops[static_cast<std::size_t>(at)];
        terms.set_log(names_of_extents[i], static_cast<double>(loop.extent));
        double bytes = 0;
        for (const auto* list : {&stage.reads, &stage.writes})
            for (const NestAccess& access : *list) bytes += access.footprint(at, loops, line_bytes).lines * line_bytes;
        terms.set_log(names_of_bytes[i], bytes);
        if (i > 0) continue;
        terms.set("reduces_inside", loop.reduced ? 1 : 0);
        terms.set_log("unroll", loop.unroll);
    }
    if (lane >= 0) {
        terms.set("lanes_reduced", loops[static_cast<std::size_t>(lane)].reduced ? 1 : 0);
        add_strides(stage, lane, "lanes", terms);
    }
    if (thread >= 0) add_strides(stage, thread, "threads", terms);
    terms.set_log("operations", stage.operations);
    terms.set("product", stage.is_product ? 1 : 0);
    terms.set("reads", static_cast<double>(stage.reads.size()));
    terms.set("read_bytes", stage.reads.empty() ? 0 : stage.reads.front().bytes);
    terms.set("write_bytes", stage.writes.empty() ? 0 : stage.writes.front().bytes);
    terms.set("copies", static_cast<double>(stage.stage->caches.size()));
    terms.set("packs", static_cast<double>(stage.stage->packs.size()));
    terms.set("streaming", stage.stage->streaming_stores ? 1 : 0);
}

}  // namespace heddle
