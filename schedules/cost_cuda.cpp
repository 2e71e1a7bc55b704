// schedules/cost_cuda.cpp -- seconds of launches whose threads each compute elements: bytes, transactions, operations,
// waves and latency.
#include "schedules/cost_cuda.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "schedules/cost_cuda_threads.h"
#include "schedules/definition_facts.h"
#include "schedules/thread_axes.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr int line_bytes = 128, warp = 32;
constexpr std::int64_t most_registers = 255, registers_of_all = 65536;
constexpr double instructions_a_cycle = 4;  ///< of warps
constexpr double cycles_of_a_block = 700;

double seconds_of(const Demand& demand, std::int64_t threads, double blocks, const DeviceRates& device,
                  int compute_capability, CostTerms* terms) {
    if (threads > most_block_threads || demand.shared_bytes > most_shared_bytes(compute_capability))
        return std::numeric_limits<double>::infinity();
    const std::int64_t most =
        std::min<std::int64_t>(most_registers, registers_of_all / ((threads + warp - 1) / warp * warp));
    const std::int64_t spilled = std::max<std::int64_t>(0, demand.registers - most);
    const int at_once = blocks_at_once(threads, std::min(demand.registers, most), demand.shared_bytes, device);
    if (at_once == 0) return std::numeric_limits<double>::infinity();
    const double busiest = std::ceil(blocks / device.multiprocessors) / blocks;  // share of the work of one of them
    const double waves = std::ceil(blocks / (device.multiprocessors * at_once));
    const double spills = static_cast<double>(spilled) * static_cast<double>(threads) / warp * blocks * 4;
    const double wavefronts = demand.wavefronts + spills, operations = demand.operations + spills;
    const double working = std::max({wavefronts * busiest, operations * busiest / instructions_a_cycle,
                                     demand.cache_bytes * busiest / device.arriving_bytes, demand.shared * busiest});
    const double waiting = waves * ((1 + demand.rounds) * device.latency + demand.extra_cycles + cycles_of_a_block);
    const double memory = demand.memory_bytes / device.memory_bytes_a_second * device.cycles_a_second;
    // Warps that wait are hidden behind others that work, where there are any.
    const double longest = std::max({working, waiting, memory});
    const double alone = demand.shared_bytes > 0 ? 0.6 : 0.2;  // blocks that first fill tiles, and then work
    const double cycles = longest + alone * (working + waiting + memory - longest);
    if (terms) {
        *terms = {};
        add_launch_terms({static_cast<double>(threads), blocks, static_cast<double>(at_once),
                          static_cast<double>(demand.registers), static_cast<double>(demand.shared_bytes)},
                         device, *terms);
        terms->set("share_working", working / cycles);
        terms->set("share_waiting", waiting / cycles);
        terms->set("share_memory", memory / cycles);
        terms->set("share_wavefronts", wavefronts * busiest / cycles);
        terms->set("share_operations", operations * busiest / instructions_a_cycle / cycles);
        terms->set("share_arriving", demand.cache_bytes * busiest / device.arriving_bytes / cycles);
        terms->set("share_shared", demand.shared * busiest / cycles);
        terms->set_log("rounds", demand.rounds);
        terms->set_log("extra_cycles", demand.extra_cycles);
        terms->set_ratio("arriving_to_memory", demand.cache_bytes, demand.memory_bytes);
        terms->set_ratio("wavefronts_to_bytes", demand.wavefronts * line_bytes, demand.cache_bytes);
    }
    return cycles / device.cycles_a_second;
}

double blocks_of(const StageAccesses& all) {
    double blocks = 1;
    for (const NestLoop& loop : all.loops)
        if (is_block(loop.kind) || loop.kind == LoopKind::cluster) blocks *= static_cast<double>(loop.extent);
    return blocks * std::max(1, all.stage->split_reduction);
}

double seconds_of_kernel(const LoopNest& nest, const StageNest& root, const DeviceRates& device, CostTerms* terms) {
    const StageAccesses all = accesses_of(nest, root);
    const int capability = nest.target.compute_capability;
    if (root.tensorize && root.work.kind != Work::Kind::none) return tiled_seconds(all, device, capability, terms);
    const std::array<std::int64_t, 3> axes = threads_of_block(nest, root);
    const std::int64_t threads = axes[0] * axes[1] * axes[2];
    const double blocks = blocks_of(all);
    Demand demand;
    for (const StageNest* stage : stages_of_kernel(nest, root)) {
        if (stage->placement != Placement::at || stage->stage.targets.empty()) continue;
        const AnyTensor& target = stage->stage.targets[0];
        const auto& outputs = nest.pipeline.outputs;
        if (std::find(outputs.begin(), outputs.end(), target) == outputs.end())
            demand.inner.insert(target.node().get());
    }
    for (const StageNest* stage : stages_of_kernel(nest, root))
        if (stage == &root || stage->placement == Placement::at) {
            const StageAccesses part = stage == &root ? all : accesses_of(nest, *stage);
            add_demand(part, threads, blocks, demand);
        }
    double seconds = seconds_of(demand, threads, blocks, device, capability, terms);
    if (root.split_reduction > 1) seconds += device.next_launch_seconds + 1.5e-6;
    if (terms) add_nest_terms(all, *terms);
    return seconds;
}

}  // namespace

int blocks_at_once(std::int64_t threads, std::int64_t registers, std::int64_t shared_bytes, const DeviceRates& device) {
    constexpr std::int64_t most_blocks = 32, most_threads = 2048, granularity = 8, reserved = 1024;
    const std::int64_t warps = (threads + warp - 1) / warp;
    const std::int64_t each = (std::max<std::int64_t>(registers, 16) + granularity - 1) / granularity * granularity;
    return static_cast<int>(
        std::min({most_blocks, most_threads / (warps * warp), registers_of_all / (each * warps * warp),
                  device.shared_of_all / (shared_bytes + reserved)}));
}

void add_launch_terms(const LaunchShape& launch, const DeviceRates& device, CostTerms& terms) {
    const double places = device.multiprocessors * std::max(1.0, launch.at_once), waves = launch.blocks / places;
    terms.set_log("threads", launch.threads);
    terms.set_ratio("blocks", launch.blocks, device.multiprocessors);
    terms.set_ratio("waves", launch.blocks, places);
    terms.set("last_wave", waves / std::ceil(waves));
    terms.set("busiest", launch.blocks / device.multiprocessors / std::ceil(launch.blocks / device.multiprocessors));
    terms.set("warps_at_once", launch.at_once * std::ceil(launch.threads / warp));
    terms.set("registers", launch.registers);
    terms.set_log("shared_bytes", launch.shared_bytes);
}

double cuda_seconds(const LoopNest& nest, CostTerms* terms) {
    const DeviceRates device = device_rates(nest.target.compute_capability);
    double seconds = 0;
    std::vector<std::pair<CostTerms, double>> kernels;
    for (const StageNest& stage : nest.stages) {
        if (stage.placement != Placement::root) continue;
        seconds += seconds > 0 ? device.next_launch_seconds : device.launch_seconds;
        CostTerms here;
        const double kernel = seconds_of_kernel(nest, stage, device, terms ? &here : nullptr);
        if (terms) kernels.emplace_back(std::move(here), kernel);
        seconds += kernel;
        for (const Pack& pack : stage.packs) {
            double bytes = 2.0 * bytes_of(pack.tensor.type());
            for (const Extent& extent : pack.tensor.shape())
                bytes *= extent.is_static() ? static_cast<double>(extent.value()) : static_cast<double>(assumed_extent);
            seconds += device.next_launch_seconds + bytes / device.memory_bytes_a_second;
        }
    }
    if (terms) *terms = mean_of(kernels);
    return seconds;
}

}  // namespace heddle
