// schedules/cost_host.cpp -- cycles of a stage on a CPU: instructions against ports, lines against caches, iterations
// against threads.
#include "schedules/cost_host.h"

#include <algorithm>
#include <cmath>

#include "runtime/cpu_info.h"
#include "schedules/cost_core.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

using namespace core;

struct Work {
    double instructions = 0, loads = 0, stores = 0, operations = 0;
    double cycles() const {
        return std::max({operations / multiply_ports, loads / load_ports, stores / store_ports,
                         (instructions + loads + stores + operations) / issue_width});
    }
};

class StageCost {
public:
    StageCost(const LoopNest& nest, const StageNest& stage)
        : nest_(nest), stage_(stage), all_(accesses_of(nest, stage)), loops_(all_.loops) {
        body_ = static_cast<int>(loops_.size());
        while (body_ > all_.own && loops_[static_cast<std::size_t>(body_ - 1)].is_tile()) --body_;
        sums_ = all_.own;
        if (stage.accumulate && stage.accumulate->memory == Memory::registers)
            sums_ = std::max(all_.own, all_.depth_of(stage.accumulate->at));
        reduces_ = stage.stage.definition->op != UpdateOp::assign;
        if (!loops_.empty() && loops_.back().kind == LoopKind::vectorized) lane_ = static_cast<int>(loops_.size()) - 1;
        bodies_ = all_bodies();
    }

    double seconds() const {
        const double compute = bodies_.cycles + cycles_of_tiles() + cycles_of_loops();
        const double memory = cycles_of_lines();
        const double together = std::max(compute, memory) + 0.35 * std::min(compute, memory);
        return (shared(together) + cycles_of_packs()) / cycles_a_second;
    }

    void add_terms(CostTerms& terms) const {
        const double tiles = cycles_of_tiles(), around = cycles_of_loops(), memory = cycles_of_lines();
        const double all = bodies_.cycles + tiles + around + memory;
        const CpuInfo& cpu = cpu_info();
        terms.set("share_bodies", bodies_.cycles / all);
        terms.set("share_tiles", tiles / all);
        terms.set("share_loops", around / all);
        terms.set("share_l2", lines_past(static_cast<double>(cpu.l1_bytes)) * cycles_from_l2 / all);
        terms.set("share_l3", lines_past(static_cast<double>(cpu.l2_bytes)) * (cycles_from_l3 - cycles_from_l2) / all);
        terms.set_ratio("share_packs", cycles_of_packs(), shared(all));
        terms.set("share_operations", bodies_.work.operations / multiply_ports / bodies_.once);
        terms.set("share_loads", bodies_.work.loads / load_ports / bodies_.once);
        terms.set("share_stores", bodies_.work.stores / store_ports / bodies_.once);
        terms.set("share_instructions", bodies_.work.instructions / issue_width / bodies_.once);
        terms.set("share_chain", bodies_.chain / bodies_.once);
        terms.set_log("cycles_of_body", bodies_.once);
        terms.set_ratio("live", bodies_.live, nest_.target.vector_registers());
        terms.set_log("sums", sums_in_registers() ? accumulators() : 0);
        terms.set("vector_registers", registers_of(result_bytes()));
        terms.set_ratio("threads_idle", shared(all) * std::max(1, nest_.target.threads), all);
        double trips = 0, tests = 0, run = 1e9;
        for (int i = 0; i < depth(); ++i)
            if (loop(i).kind == LoopKind::parallel) trips = static_cast<double>(loop(i).extent);
        for (const NestAccess& read : all_.reads) {
            tests += tested(read);
            run = std::min(run, read.footprint(body_, loops_, line_bytes).run_bytes);
        }
        terms.set_ratio("trips_a_thread", trips, std::max(1, nest_.target.threads));
        terms.set("tests", tests);
        terms.set("masks", has_masks() ? 1 : 0);
        terms.set_log("run_bytes", run);
        add_nest_terms(all_, terms);
    }

private:
    const NestLoop& loop(int i) const { return loops_[static_cast<std::size_t>(i)]; }
    int depth() const { return static_cast<int>(loops_.size()); }
    double lanes() const { return lane_ < 0 ? 1 : static_cast<double>(loop(lane_).extent); }

    double registers_of(int bytes) const {
        return std::max(1.0, std::ceil(lanes() * std::max(4, bytes) / (4.0 * nest_.target.vector_lanes())));
    }

    // Different places that the unrolled iterations of a body read or write.
    double places(const NestAccess& access) const {
        return access.places(body_, lane_ < 0 ? depth() : lane_, loops_, most_unrolled);
    }

    // Loads (or stores) of one place in all lanes.
    double accesses_of_a_place(const NestAccess& access) const {
        if (lane_ < 0) return 1;
        const std::int64_t stride = std::abs(access.stride(lane_, loops_));
        if (stride == 0) return 1;
        const double vectors = registers_of(access.bytes);
        if (stride == 1) return vectors;
        if (stride <= 4 && !access.writes) return vectors * static_cast<double>(stride) * 1.5;
        return lanes() * (access.writes ? 1.5 : 1.0);
    }

    // Iterations of a body in which a read is tested by itself.
    double test_points(const NestAccess& access) const {
        double points = 1;
        for (int i = body_; i < depth(); ++i) {
            bool moves = false;
            for (std::size_t d = 0; d < access.index.size(); ++d)
                moves = moves || (access.index[d].moves_with(i) && access.leaves(d, loops_));
            if (i != lane_ && moves) points *= static_cast<double>(loop(i).extent);
        }
        return points;
    }

    // Whether a read moves with a loop in line whose last iterations may lie past the end.
    bool test_rows(const NestAccess& access) const {
        for (int i = body_; i < depth(); ++i)
            if (i != lane_ && !loop(i).reduced && access.moves_with(i)) return true;
        return false;
    }

    // In how many dimensions, on average of all points, it is tested whether a read lies inside. Where a loop was split
    // for it, only the lanes at its ends are.
    double tested(const NestAccess& access) const {
        if (access.boundary == BoundaryMode::none || access.packed) return 0;
        double share = 0;
        for (std::size_t d = 0; d < access.index.size(); ++d) {
            if (!access.leaves(d, loops_)) continue;
            double here = known(access.index[d]) ? at_known_places : 1;
            if (lane_ >= 0 && access.index[d].moves_with(lane_)) here *= tests_of_lanes;
            for (int i = 0; i < depth(); ++i) {
                if (!access.index[d].moves_with(i) || !(loop(i).partitioned || loop(i).clipped)) continue;
                const bool lanes = lane_ >= 0 && access.index[d].moves_with(lane_);
                const double ends = std::min(1.0, 2.0 / static_cast<double>(loop(i).extent));
                here = std::min(here, lanes && loop(i).partitioned ? ends / 2 : 0.0);
            }
            share += here;
        }
        return share;
    }

    // The loops that move an index are in line, so that what it is tested for is known in each place.
    bool known(const IndexProgram& index) const {
        for (int i = 0; i < body_; ++i)
            if (index.moves_with(i) && loop(i).extent > 1) return false;
        return true;
    }

    // Indices past the end of a dimension, tested in every iteration: of lanes, or of loops in line.
    bool has_masks(bool of_lanes = true) const {
        for (const Guard& guard : stage_.guards) {
            bool split = false, lanes = false;
            const auto found = stage_.index.find(guard.variable);
            if (found == stage_.index.end()) continue;
            const IndexProgram index(found->second, symbols(), 1);
            if (known(index)) continue;
            for (int i = 0; i < depth(); ++i)
                if (index.moves_with(i)) {
                    split = split || loop(i).partitioned;
                    lanes = lanes || (of_lanes ? i == lane_ : i >= body_ && i != lane_);
                }
            if (lanes && !split) return true;
        }
        return false;
    }
    std::vector<Symbol> symbols() const {
        std::vector<Symbol> symbols;
        for (const NestLoop& each : loops_) symbols.push_back(each.var);
        return symbols;
    }

    double accumulators() const {
        double count = 1;
        for (int i = sums_; i < depth(); ++i)
            if (!loop(i).reduced && i != lane_) count *= static_cast<double>(loop(i).extent);
        return count * (lane_ >= 0 ? registers_of(result_bytes()) : 1);
    }
    int result_bytes() const { return all_.writes.empty() ? 4 : all_.writes[0].bytes; }
    bool sums_in_registers() const { return reduces_ && stage_.accumulate.has_value(); }

    // Operations between one term of a sum and the next.
    // A NaN beats any number: an extremum is more than one instruction.
    bool is_extremum() const {
        const UpdateOp op = stage_.stage.definition->op;
        return op == UpdateOp::max || op == UpdateOp::min;
    }
    double combining() const {
        const UpdateOp op = stage_.stage.definition->op;
        return op == UpdateOp::argmax || is_extremum() ? 2 : op == UpdateOp::tuple ? 4 : 1;
    }
    bool shifts(const NestAccess& access) const {
        if (lane_ < 0 || std::abs(access.stride(lane_, loops_)) != 1) return false;
        for (int i = 0; i < depth(); ++i) {
            const std::int64_t stride = i == lane_ ? 0 : std::abs(access.stride(i, loops_));
            if (stride * access.bytes % line_bytes != 0) return true;
        }
        return false;
    }

    /// All iterations of the loops in line: of one of them what it consists of, `live` registers and the cycles.
    struct Bodies {
        Work work;
        double live = 0, chain = 0, once = 1, cycles = 0;
    };
    Bodies all_bodies() const {
        Work work;
        double points = 1, chain = 1, vectors = 0;
        for (int i = body_; i < depth(); ++i) {
            if (i == lane_) continue;
            points *= static_cast<double>(loop(i).extent);
            if (loop(i).reduced) chain *= static_cast<double>(loop(i).extent);
        }
        const bool masks = has_masks(), rows = has_masks(false);
        int widest = result_bytes();
        for (const NestAccess& read : all_.reads) widest = std::max(widest, read.bytes);
        work.operations = points * (all_.operations + (is_extremum() ? 3 : 0)) * registers_of(widest);
        for (const NestAccess& read : all_.reads) {
            const double each = places(read), loads = accesses_of_a_place(read);
            work.loads += each * loads;
            if (read.bytes < 4) work.instructions += each * loads;
            work.instructions += tested(read) * (test_points(read) * instructions_of_a_test +
                                                 points * registers_of(widest) * instructions_of_a_branch);
            if (masks && lane_ >= 0 && read.moves_with(lane_)) work.instructions += each * loads * 2;
            if (rows && test_rows(read)) work.instructions += each * instructions_of_a_test;
            // Lines are crossed where other loops shift the lanes.
            if (shifts(read)) work.loads += each * loads / 2;
            if (loads > 1 && lane_ >= 0 && std::abs(read.stride(lane_, loops_)) > 1) work.instructions += each * loads;
            if (lane_ >= 0 && read.moves_with(lane_)) vectors = std::max(vectors, std::min(each, 4.0) * loads);
        }
        double live = vectors + 1;
        if (sums_in_registers()) {
            live += accumulators();
        } else {
            for (const NestAccess& write : all_.writes) {
                const double stores = places(write) * accesses_of_a_place(write);
                work.stores += stores;
                if (reduces_) work.loads += stores;
            }
        }
        const double excess = live - nest_.target.vector_registers();
        if (excess > 0) {
            work.loads += excess * spilled / 2;
            work.stores += excess * spilled / 2;
        }
        // Long bodies run from the decoders: what does not fit the cache of decoded instructions takes longer.
        const double length = work.operations + work.loads + work.stores + work.instructions;
        double cycles = work.cycles() * (1 + slow_decoding * std::max(0.0, std::log2(length / short_body)));
        if (reduces_) cycles = std::max(cycles, chain * latency * combining());
        if (!sums_in_registers() && reduces_) cycles = std::max(cycles, latency + 6);
        const double unroll = body_ > all_.own ? std::max(1, loop(body_ - 1).unroll) : 1;
        const double once = cycles + cycles_of_an_iteration / unroll;
        return {work, live, reduces_ ? chain * latency * combining() : 0, once, all_.trips(0, body_) * once};
    }

    // Sums begin and end, once a tile.
    double cycles_of_tiles() const {
        if (!sums_in_registers()) return 0;
        double stores = 0;
        for (const NestAccess& write : all_.writes) {
            const double each = accesses_of_a_place(write);
            stores += accumulators() / std::max(1.0, registers_of(write.bytes)) * each;
        }
        const bool lanes_reduced = lane_ >= 0 && loop(lane_).reduced;
        return all_.trips(0, sums_) * (stores * 2 + (lanes_reduced ? accumulators() * 6 : 0));
    }

    double cycles_of_loops() const {
        double cycles = 0, trips = 1;
        for (int i = 0; i < body_; ++i) {
            const double enter = loop(i).extent == 1 ? 1 : cycles_of_a_loop;
            cycles += trips * (enter + (loop(i).clipped ? cycles_of_a_clip : 0));
            trips *= static_cast<double>(loop(i).extent);
        }
        return cycles;
    }

    // Lines that a cache of so many bytes does not keep: those of the loops whose data fit, once an iteration of the
    // loops around that move them.
    double lines_past(double capacity) const {
        int fits = depth();
        for (int d = 0; d <= depth(); ++d) {
            double bytes = 0;
            for (const auto* list : {&all_.reads, &all_.writes})
                for (const NestAccess& access : *list)
                    bytes += access.footprint(d, loops_, line_bytes).lines * line_bytes;
            if (bytes > capacity * share_of_a_cache) continue;
            fits = d;
            break;
        }
        double lines = 0;
        for (const auto* list : {&all_.reads, &all_.writes})
            for (const NestAccess& access : *list) {
                int from = fits;
                while (from > 0 && !access.moves_with(from - 1)) --from;
                if (from > 0) --from;  // neighbours in the loop that moves it share lines and overlaps
                NestAccess::Footprint part = access.footprint(fits, loops_, line_bytes);
                const NestAccess::Footprint run = access.footprint(from, loops_, line_bytes);
                double here = run.lines * all_.trips(0, from);
                const double every = part.lines * all_.trips(0, fits);
                here = std::min(here, every);
                const bool scattered = part.run_bytes < short_run_bytes;
                if (access.writes && stage_.streaming_stores) continue;
                double factor = access.writes ? 2.0 : 1.0;
                if (scattered) factor *= short_run_factor;
                lines += here * factor;
            }
        return lines;
    }

    double cycles_of_streams(double capacity) const {
        if (!stage_.streaming_stores) return 0;
        double lines = 0, bytes = 0;
        for (const NestAccess& access : all_.reads) bytes += access.footprint(0, loops_, line_bytes).lines * line_bytes;
        for (const NestAccess& access : all_.writes) {
            // Lines of their own, one at a time, do not leave together.
            const double run = access.footprint(body_, loops_, line_bytes).run_bytes;
            lines += access.footprint(0, loops_, line_bytes).lines * (1 + line_bytes * 2 / std::max(run, 1.0));
        }
        const bool fits = bytes + lines * line_bytes < capacity * share_of_a_cache;
        return lines * (fits ? cycles_of_a_streamed_line : cycles_from_memory);
    }

    double cycles_of_lines() const {
        const CpuInfo& cpu = cpu_info();
        const double threads = std::max(1, nest_.target.threads);
        const double l3 = cpu.l3_bytes > 0 ? static_cast<double>(cpu.l3_bytes) / threads : 4e6;
        return lines_past(static_cast<double>(cpu.l1_bytes)) * cycles_from_l2 +
               lines_past(static_cast<double>(cpu.l2_bytes)) * (cycles_from_l3 - cycles_from_l2) +
               lines_past(l3) * (cycles_from_memory - cycles_from_l3) + cycles_of_streams(l3);
    }

    // The slowest thread's part, and what it costs to start them.
    double shared(double cycles) const {
        for (int i = 0; i < depth(); ++i) {
            if (loop(i).kind != LoopKind::parallel) continue;
            const auto trips = static_cast<double>(loop(i).extent);
            const double threads = std::max(1, nest_.target.threads);
            return cycles * std::ceil(trips / threads) / trips + all_.trips(0, i) * cycles_of_a_fork;
        }
        return cycles;
    }

    // Copies of inputs in the order of the loops: by all threads, most of them a permutation.
    double cycles_of_packs() const {
        double cycles = 0;
        for (const Pack& pack : stage_.packs) {
            double elements = 1;
            for (const Symbol& each : pack.order) {
                const DomainVar* variable = stage_.stage.definition->find(each);
                if (variable && variable->extent.is_static()) elements *= static_cast<double>(variable->extent.value());
                const int at = variable ? 0 : all_.depth_of(each);
                if (at > 0) elements *= static_cast<double>(loop(at - 1).extent);
            }
            const double bytes = elements * bytes_of(pack.tensor.type());
            cycles += (elements * 0.7 + bytes / 8) / std::max(1, nest_.target.threads) + cycles_of_a_fork;
        }
        for (const CacheIn& cache : stage_.caches) {
            const std::optional<std::int64_t> elements = product_of(cache_shape(stage_, cache));
            cycles += static_cast<double>(elements.value_or(0)) * all_.trips(0, all_.depth_of(cache.at));
        }
        return cycles;
    }

    const LoopNest& nest_;
    const StageNest& stage_;
    const StageAccesses all_;
    const std::vector<NestLoop>& loops_;
    int body_ = 0, sums_ = 0, lane_ = -1;
    bool reduces_ = false;
    Bodies bodies_;
};

}  // namespace

double host_seconds(const LoopNest& nest, CostTerms* terms) {
    double seconds = 0;
    std::vector<std::pair<CostTerms, double>> stages;
    for (const StageNest& stage : nest.stages) {
        if (stage.placement != Placement::root && stage.placement != Placement::at) continue;
        const StageCost cost(nest, stage);
        const double here = cost.seconds();
        seconds += here;
        if (!terms) continue;
        stages.emplace_back(CostTerms{}, here);
        cost.add_terms(stages.back().first);
    }
    if (terms) *terms = mean_of(stages);
    return seconds;
}

}  // namespace heddle
