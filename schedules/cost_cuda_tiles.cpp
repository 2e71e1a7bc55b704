// schedules/cost_cuda_tiles.cpp -- seconds of products whose tiles pass through shared memory: what is multiplied in a
// step beside what arrives for it, waves of tiles, and their ends.
#include <algorithm>
#include <cmath>
#include <limits>

#include "schedules/cost_cuda.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr double cycles_of_a_tile = 1200;  // until its first product, and after its last
constexpr double cycles_of_a_copy = 1100;  // from its start to its arrival
constexpr double cycles_of_a_step = 60;    // barriers, addresses
constexpr double issue_of_a_copy = 0.35;   // of a warp's copy of 16 bytes a lane, by threads
constexpr double result_bytes_a_cycle = 48, scattered_bytes_a_cycle = 12;
constexpr double part_bytes_a_second = 4.2e12, sum_seconds = 3e-6;
constexpr std::int64_t barrier_bytes = 2048, registers_besides = 50;

double together(double a, double b) { return std::pow(std::pow(a, 6) + std::pow(b, 6), 1.0 / 6); }

class TiledStage {
public:
    TiledStage(const StageAccesses& all, const DeviceRates& device, int capability)
        : all_(all), stage_(*all.stage), device_(device), capability_(capability) {
        group_ = stage_.tensorize->atom.starts_with("wgmma");
        sums_ = stage_.accumulate ? all_.depth_of(stage_.accumulate->at) : 0;
        steps_ = sums_;
        for (const CacheIn& cache : stage_.caches) {
            steps_ = std::max(steps_, all_.depth_of(cache.at));
            elements_.push_back(cache.memory == Memory::shared
                                    ? static_cast<double>(product_of(cache_shape(stage_, cache)).value_or(0))
                                    : 0);
        }
    }

    double seconds(CostTerms* terms) const {
        const std::int64_t shared = shared_bytes();
        if (shared > most_shared_bytes(capability_)) return std::numeric_limits<double>::infinity();
        const int at_once = blocks_at_once(threads(), registers(), shared, device_);
        if (at_once == 0) return std::numeric_limits<double>::infinity();
        const double tiles = trips(0, sums_), steps = trips(sums_, steps_);
        const Step one = step_of(at_once);
        const double step = one.cycles, end = cycles_of_an_end();
        const bool stream = stage_.work.kind == Work::Kind::stream_k;
        double cycles = 0, seconds = 0;
        if (stream) {
            const double share = std::ceil(tiles * steps / device_.multiprocessors);
            const double parts = std::ceil(tiles / device_.multiprocessors) + 1;
            cycles = share * step + parts * (cycles_of_a_tile + part_bytes() / result_bytes_a_cycle);
            seconds = 2 * std::min(2.0, 1 + tiles / device_.multiprocessors) * device_.multiprocessors * part_bytes() /
                          part_bytes_a_second +
                      sum_seconds;
        } else {
            // Blocks beside each other share the units: what one waits for, another works in.
            const double busiest = std::ceil(tiles / device_.multiprocessors);
            const double others = std::min<double>(at_once, busiest);
            cycles = busiest * (steps * step + (cycles_of_a_tile + end) / (others > 1 ? 1.6 : 1));
        }
        const double memory = memory_bytes() / device_.memory_bytes_a_second;
        if (terms) add_terms(one, at_once, cycles / device_.cycles_a_second, memory, seconds, *terms);
        return together(cycles / device_.cycles_a_second, memory) + seconds;
    }

private:
    /// Cycles of what happens in a step, side by side; all of it together.
    struct Step {
        double multiply = 0, read = 0, arrive = 0, waits = 0, cycles = 1;
    };

    void add_terms(const Step& step, int at_once, double working, double memory, double adding,
                   CostTerms& terms) const {
        const double tiles = trips(0, sums_), steps = trips(sums_, steps_);
        const Sizes s = sizes();
        add_launch_terms({static_cast<double>(threads()), tiles, static_cast<double>(at_once),
                          static_cast<double>(registers()), static_cast<double>(shared_bytes())},
                         device_, terms);
        terms.set("share_multiply", step.multiply / step.cycles);
        terms.set("share_read", step.read / step.cycles);
        terms.set("share_arriving", step.arrive / step.cycles);
        terms.set("share_waiting", step.waits / step.cycles);
        terms.set_log("cycles_of_step", step.cycles);
        terms.set_ratio("end_to_steps", cycles_of_a_tile + cycles_of_an_end(), steps * step.cycles);
        terms.set_ratio("memory_to_working", memory, working);
        terms.set_ratio("adding", adding, working);
        terms.set_log("steps", steps);
        terms.set_log("rows", s.rows);
        terms.set_log("columns", s.columns);
        terms.set_log("depth", s.depth);
        terms.set("stages", stages());
        terms.set("group", group_ ? 1 : 0);
        terms.set("pieces", pieces());
        terms.set("stream", stage_.work.kind == Work::Kind::stream_k ? 1 : 0);
        terms.set("persistent", stage_.work.kind == Work::Kind::persistent ? 1 : 0);
        terms.set("roles", static_cast<double>(stage_.roles.size()));
        terms.set("warps", static_cast<double>(threads()) / 32);
        terms.set("result_staged", stage_.cache_out ? 1 : 0);
        terms.set("operand_bytes", operand_bytes());
        terms.set("write_bytes", all_.writes.empty() ? 0 : all_.writes[0].bytes);
        double narrowest = 16, tma = 0;
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            if (elements_[i] == 0) continue;
            narrowest = std::min(narrowest, vector_bytes(stage_.caches[i]));
            tma += stage_.caches[i].atom.starts_with("tma") ? 1 : 0;
        }
        terms.set("vector_bytes", narrowest);
        terms.set("tma", tma);
    }

    double trips(int from, int to) const { return all_.trips(from, to); }
    double inside() const { return all_.trips(steps_, static_cast<int>(all_.loops.size())); }
    int pieces() const { return stage_.precision.pieces; }
    int operand_bytes() const { return all_.reads.empty() ? 2 : all_.reads[0].bytes; }

    double bytes_of_step() const {
        double bytes = 0;
        bool first = true;
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            if (elements_[i] == 0) continue;
            bytes += elements_[i] * bytes_of(stage_.caches[i].tensor.type()) * (group_ && !first ? pieces() : 1);
            first = false;
        }
        return bytes;
    }
    int stages() const {
        int stages = 1;
        for (const NestLoop& loop : all_.loops) stages = std::max(stages, loop.pipeline);
        return stages;
    }
    // Rows and columns of a tile: from the elements of the operands' tiles in a step.
    struct Sizes {
        double rows = 1, columns = 1, depth = 1;
    };
    Sizes sizes() const {
        double tiles[2] = {1, 1};
        for (std::size_t c = 0; c < elements_.size(); ++c)
            for (int i = 0; i < 2; ++i)
                if (stage_.caches[c].tensor == (i == 0 ? stage_.tensorize->a : stage_.tensorize->b))
                    tiles[i] = std::max(1.0, elements_[c]);
        // rows * columns * depth = inside; rows * depth and columns * depth are the tiles.
        const double depth = std::max(1.0, tiles[0] * tiles[1] / std::max(1.0, inside()));
        return {tiles[0] / depth, tiles[1] / depth, depth};
    }

    std::int64_t threads() const {
        std::int64_t threads = 0;
        for (const Role& role : stage_.roles) threads += role.name == "producer" ? 32 : role.count * 128;
        if (threads > 0) return threads;
        const int warps = std::max(1, stage_.tensorize->warps_m) * std::max(1, stage_.tensorize->warps_n);
        return group_ ? warps * 128 : warps * 32;
    }
    std::int64_t multiplying_threads() const {
        return std::max<std::int64_t>(32, threads() / 32 * 32 - (group_ ? 32 : 0));
    }
    std::int64_t registers() const {
        const Sizes s = sizes();
        const double sums = s.rows * s.columns / static_cast<double>(multiplying_threads()) *
                            (operand_bytes() == 8 ? 2 : 1) * (pieces() > 1 ? 2 : 1);
        return std::min<std::int64_t>(255, static_cast<std::int64_t>(sums) + registers_besides);
    }
    std::int64_t shared_bytes() const {
        double bytes = bytes_of_step() * stages() + static_cast<double>(barrier_bytes);
        if (stage_.cache_out && !all_.writes.empty()) bytes += part_elements() * all_.writes[0].bytes;
        return static_cast<std::int64_t>(bytes);
    }
    double part_elements() const {
        const Sizes s = sizes();
        return s.rows * s.columns;
    }
    double part_bytes() const { return part_elements() * 4; }

    double products_a_cycle() const {
        switch (operand_bytes()) {
            case 1:
                return 2 * device_.products;
            case 4:
                return (group_ ? device_.group_products : device_.products) / 2 / (pieces() > 1 ? 3 : 1);
            case 8:
                return device_.double_products;
            default:
                return group_ ? device_.group_products : device_.products;
        }
    }

    Step step_of(int at_once) const {
        const Sizes s = sizes();
        const double multiply = s.rows * s.columns * s.depth / products_a_cycle();
        double read = 0;
        if (group_) {
            read = s.rows / 64 * (64 + s.columns * (pieces() > 1 ? 3 : 1)) * s.depth * operand_bytes();
        } else {
            const double m = std::max(1, stage_.tensorize->warps_m), n = std::max(1, stage_.tensorize->warps_n);
            read = (s.rows * n + s.columns * m) * s.depth * operand_bytes();
        }
        const double bytes = bytes_of_step();
        double arrive = bytes / device_.arriving_bytes;
        for (std::size_t i = 0; i < elements_.size(); ++i) {
            const CacheIn& cache = stage_.caches[i];
            if (elements_[i] > 0 && !cache.atom.starts_with("tma"))
                arrive += elements_[i] * bytes_of(cache.tensor.type()) / (32 * vector_bytes(cache)) / issue_of_a_copy;
        }
        const double work = together(std::max(multiply, read / device_.shared_bytes), arrive);
        const double slots = std::max(1, stages() - (group_ ? 0 : 1));
        const double waits = cycles_of_a_copy / slots / at_once;
        const double alone = group_ && multiplying_threads() <= 128 ? 0.08 : 0;
        const double cycles = std::max(work, waits) + alone * multiply + cycles_of_a_step / at_once;
        return {multiply, read / device_.shared_bytes, arrive, waits, cycles};
    }

    // Bytes that a lane copies at once: what lies side by side in memory along the innermost loop of the tile.
    double vector_bytes(const CacheIn& cache) const {
        for (const NestAccess& read : all_.reads) {
            if (!(read.tensor == cache.tensor)) continue;
            for (int i = static_cast<int>(all_.loops.size()); i-- > steps_;) {
                if (std::abs(read.stride(i, all_.loops)) != 1) continue;
                std::int64_t bytes = 16;
                while (bytes > read.bytes && all_.loops[static_cast<std::size_t>(i)].extent * read.bytes % bytes != 0)
                    bytes /= 2;
                const std::int64_t row = read.shape.empty() ? 1 : read.shape.back() * read.bytes;
                while (bytes > read.bytes && row % bytes != 0) bytes /= 2;
                return static_cast<double>(bytes);
            }
            return read.bytes;
        }
        return 4;
    }

    double cycles_of_an_end() const {
        const int bytes = all_.writes.empty() ? 4 : all_.writes[0].bytes;
        const bool lines = stage_.cache_out || bytes > 2;
        return part_elements() * bytes / (lines ? result_bytes_a_cycle : scattered_bytes_a_cycle);
    }

    double memory_bytes() const {
        double bytes = 0;
        for (const auto* list : {&all_.reads, &all_.writes})
            for (const NestAccess& access : *list) bytes += access.footprint(0, all_.loops, 32).lines * 32;
        return bytes;
    }

    const StageAccesses& all_;
    const StageNest& stage_;
    const DeviceRates& device_;
    const int capability_;
    bool group_ = false;
    int sums_ = 0, steps_ = 0;
    std::vector<double> elements_;  ///< of each tile in shared memory, in one step
};

}  // namespace

double tiled_seconds(const StageAccesses& stage, const DeviceRates& device, int compute_capability, CostTerms* terms) {
    return TiledStage(stage, device, compute_capability).seconds(terms);
}

}  // namespace heddle
