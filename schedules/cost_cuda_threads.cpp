// schedules/cost_cuda_threads.cpp -- transactions, operations, registers and waits of threads that compute elements.
#include "schedules/cost_cuda_threads.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "schedules/thread_axes.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr int sector_bytes = 32, line_bytes = 128, warp = 32, most_unrolled = 512;
constexpr std::int64_t l1_bytes = 128 << 10;
constexpr double cost_of_a_half = 3;  ///< to make f32 of f16, at a quarter of the rate of others
constexpr double share_held = 0.5;    ///< of what is copied to registers, at once: the rest is used up before
constexpr double cycles_of_a_barrier = 60, cycles_of_a_cluster = 1500;
constexpr double instructions_of_a_test = 4;  ///< whether an element is inside
constexpr double waits_of_a_skip = 2;  ///< of a point that takes no part outside, beside an element that is 0 there
constexpr double loads_in_flight = 8;  ///< of a rolled loop that the compiler starts before it waits

class ThreadStage {
public:
    ThreadStage(const StageAccesses& all, std::int64_t threads, double blocks)
        : all_(all), loops_(all.loops), threads_(threads), blocks_(blocks) {
        body_ = depth();
        while (body_ > 0 && (loop(body_ - 1).is_tile())) --body_;
        if (!loops_.empty() && loops_.back().kind == LoopKind::vectorized) lane_ = depth() - 1;
    }

    void add_to(Demand& demand) const {
        const StageNest& stage = *all_.stage;
        const double warps = blocks_ * std::ceil(static_cast<double>(threads_) / warp);
        double serial = 1, rolled = 1;
        for (int i = 0; i < depth(); ++i) {
            if (is_parallel(i)) continue;
            serial *= static_cast<double>(loop(i).extent);
            if (!loop(i).is_tile()) rolled *= static_cast<double>(loop(i).extent) / std::max(1, loop(i).unroll);
        }
        // A NaN beats any number: an extremum is a few instructions.
        const UpdateOp op = stage.stage.definition->op;
        const double combine = op == UpdateOp::max || op == UpdateOp::min ? 2 : 0;
        demand.operations += warps * (serial * (all_.operations + combine) + rolled * 4);
        double waits = 0;
        for (const NestAccess& read : all_.reads)
            if (!demand.inner.count(read.tensor.node().get())) waits += add_access(read, warps, demand);
        for (const NestAccess& write : all_.writes)
            if (!demand.inner.count(write.tensor.node().get())) add_access(write, warps, demand);
        for (const NestAccess& read : all_.reads) demand.met.insert(read.tensor.node().get());
        for (const CacheIn& cache : stage.caches) demand.inner.insert(cache.tensor.node().get());
        demand.rounds += waits;
        demand.registers += registers_of_sums();
        for (const CacheIn& cache : stage.caches) {
            const double elements = static_cast<double>(product_of(cache_shape(stage, cache)).value_or(0));
            const int bytes = bytes_of(cache.tensor.type());
            if (cache.memory == Memory::registers)
                demand.registers += static_cast<std::int64_t>(elements * share_held) * std::max(4, bytes) / 4;
            if (cache.memory == Memory::shared) demand.shared_bytes += static_cast<std::int64_t>(elements) * bytes;
        }
        if (stage.cache_out && stage.cache_out->memory == Memory::shared && !all_.writes.empty()) {
            double elements = 1;
            for (int i = 0; i < depth(); ++i)
                if (!is_block(loop(i).kind) && !loop(i).reduced) elements *= static_cast<double>(loop(i).extent);
            demand.shared_bytes += static_cast<std::int64_t>(elements) * all_.writes[0].bytes;
        }
        if (!stage.reduce_across.empty()) {
            const double group = stage.reduce_across == "warps" ? 5 * 12 : 2 * cycles_of_a_barrier + 5 * 12;
            demand.extra_cycles += group * (lane_ >= 0 ? static_cast<double>(loop(lane_).extent) : 1) +
                                   (stage.reduce_across == "cluster" ? cycles_of_a_cluster : 0);
        }
    }

private:
    const NestLoop& loop(int i) const { return loops_[static_cast<std::size_t>(i)]; }
    int depth() const { return static_cast<int>(loops_.size()); }
    bool is_parallel(int i) const {
        const LoopKind kind = loop(i).kind;
        return is_block(kind) || is_thread_axis(kind) || kind == LoopKind::cluster;
    }

    std::int64_t registers_of_sums() const {
        if (all_.stage->stage.definition->op == UpdateOp::assign && lane_ < 0) return 2;
        double count = 1;
        for (int i = body_; i < depth(); ++i)
            if (!loop(i).reduced) count *= static_cast<double>(loop(i).extent);
        int bytes = 4;
        for (const NestAccess& write : all_.writes) bytes = std::max(bytes, write.bytes);
        return static_cast<std::int64_t>(count) * bytes / 4 * std::max<std::int64_t>(1, std::ssize(all_.writes));
    }

    const CacheIn* cache_of(const NestAccess& access) const {
        for (const CacheIn& cache : all_.stage->caches)
            if (!access.writes && cache.tensor == access.tensor) return &cache;
        return nullptr;
    }

    // First addresses of the lanes of a warp, in bytes.
    std::vector<std::int64_t> lanes_of(const NestAccess& access) const {
        std::vector<std::int64_t> at(loops_.size(), 0), addresses;
        for (std::int64_t thread = 0; thread < std::min<std::int64_t>(warp, threads_); ++thread) {
            std::int64_t rest = thread;
            for (const LoopKind kind : {LoopKind::thread_x, LoopKind::thread_y, LoopKind::thread_z})
                for (int i = 0; i < depth(); ++i) {
                    if (loop(i).kind != kind) continue;
                    at[static_cast<std::size_t>(i)] = rest % loop(i).extent;
                    rest /= loop(i).extent;
                }
            addresses.push_back(access.address(at) * access.bytes);
        }
        return addresses;
    }

    // Sectors and lines of one request of a warp.
    struct Request {
        double sectors = 1, lines = 1;
    };
    Request request(const NestAccess& access, std::int64_t width) const {
        std::set<std::int64_t> sectors, lines;
        for (const std::int64_t first : lanes_of(access)) {
            const std::int64_t last = first + width * access.bytes - 1;
            for (std::int64_t byte = first / sector_bytes; byte <= last / sector_bytes; ++byte) sectors.insert(byte);
            for (std::int64_t byte = first / line_bytes; byte <= last / line_bytes; ++byte) lines.insert(byte);
        }
        return {static_cast<double>(sectors.size()), static_cast<double>(lines.size())};
    }

    // Different words of one bank of shared memory that lanes ask for at once, at most.
    double bank_conflicts(const NestAccess& access) const {
        constexpr std::int64_t bank_bytes = 4, banks = 32;
        std::map<std::int64_t, std::set<std::int64_t>> words;
        std::size_t most = 1;
        for (const std::int64_t address : lanes_of(access)) {
            const std::int64_t word = address / bank_bytes;
            std::set<std::int64_t>& of_bank = words[word % banks];
            of_bank.insert(word);
            most = std::max(most, of_bank.size());
        }
        return static_cast<double>(most);
    }

    // Different addresses of the unrolled iterations of a body.
    double places(const NestAccess& access) const {
        return access.places(body_, lane_ < 0 ? depth() : lane_, loops_, most_unrolled);
    }

    bool tested(const NestAccess& access) const {
        if (access.boundary == BoundaryMode::none) return false;
        for (std::size_t d = 0; d < access.index.size(); ++d)
            if (access.leaves(d, loops_)) return true;
        return false;
    }
    // Loads of unrolled iterations: those of one address are one, but where each has its own test.
    double loads(const NestAccess& access) const {
        if (access.writes || !tested(access)) return places(access);
        double count = 1;
        for (int i = body_; i < (lane_ < 0 ? depth() : lane_); ++i)
            if (access.moves_with(i)) count *= static_cast<double>(loop(i).extent);
        return count;
    }
    // Whether vectors of so many elements start at multiples of that, whatever loops other than the lanes do.
    bool aligned(const NestAccess& access, std::int64_t width) const {
        for (int i = 0; i < depth(); ++i)
            if (i != lane_ && loop(i).extent > 1 && access.stride(i, loops_) % width != 0) return false;
        return true;
    }

    // A row of a tile in registers: elements before the first multiple of the width one by one, as those after the
    // last.
    struct Row {
        double elements = 1, loads = 1;
        std::int64_t width = 1;
    };
    Row row_of(const NestAccess& access, const CacheIn& cache, int inside) const {
        std::vector<std::int64_t> shape;
        for (const Expr& extent : cache_shape(*all_.stage, cache)) shape.push_back(product_of({extent}).value_or(1));
        if (shape.empty() || access.strides.empty() || access.strides.back() != 1) return {};
        const std::int64_t elements = std::max<std::int64_t>(1, shape.back());
        std::int64_t width = std::max(1, 16 / access.bytes);
        const auto fits = [&] {
            for (int i = 0; i < inside; ++i)
                if (loop(i).extent > 1 && access.stride(i, loops_) % width != 0) return false;
            for (std::size_t d = 0; d + 1 < shape.size() && d + 1 < access.strides.size(); ++d)
                if (shape[d] > 1 && access.strides[d] % width != 0) return false;
            return true;
        };
        while (width > 1 && (width > elements || !fits())) width /= 2;
        const std::int64_t first = access.address(std::vector<std::int64_t>(loops_.size(), 0)) % width;
        const std::int64_t head = std::min(elements, (width - (first + width) % width) % width);
        const std::int64_t packs = (elements - head) / width;
        return {static_cast<double>(elements), static_cast<double>(head + packs + (elements - head) % width), width};
    }

    // Returns how often a thread waits for it.
    double add_access(const NestAccess& access, double warps, Demand& demand) const {
        const CacheIn* cache = cache_of(access);
        std::int64_t width = 1;
        double pieces = 1;
        if (lane_ >= 0 && access.moves_with(lane_)) {
            const std::int64_t stride = std::abs(access.stride(lane_, loops_)), lanes = loop(lane_).extent;
            if (stride == 1) width = std::min<std::int64_t>(lanes, std::max(1, 16 / access.bytes));
            if (!cache && !aligned(access, width)) width = 1;
            pieces = static_cast<double>(lanes) / static_cast<double>(width);
        }
        double times = 1, rolled = 1;
        const int inside = cache ? all_.depth_of(cache->at) : depth();
        for (int i = 0; i < std::min(inside, body_); ++i) {
            if (is_parallel(i)) continue;
            if (access.writes && loop(i).reduced) continue;
            const double extent = static_cast<double>(loop(i).extent);
            times *= extent;
            rolled *= loop(i).is_tile() ? 1 : std::max(1.0, extent / std::max(1, loop(i).unroll));
        }
        double requests = times * (cache ? places(access) : loads(access)) * pieces;
        if (cache) {
            const double elements = static_cast<double>(product_of(cache_shape(*all_.stage, *cache)).value_or(1));
            if (cache->memory == Memory::shared) {
                requests = times * elements * access.bytes / 16 / static_cast<double>(threads_);
                demand.extra_cycles += times * (2 * cycles_of_a_barrier);
                demand.shared += warps * all_trips() * places(access) * bank_conflicts(access);
                width = 16 / access.bytes;
            } else {
                const Row row = row_of(access, *cache, inside);
                requests = times * elements / row.elements * row.loads;
                width = row.width;
            }
        }
        if (access.tensor.type() == ScalarType::f16) {
            double elements = requests * static_cast<double>(width);
            if (access.writes) elements = all_serial() / reduced();
            // Lanes of a vector are taken out at each use.
            if (cache && lane_ >= 0) elements = all_serial();
            demand.operations += warps * elements * cost_of_a_half;
        }
        if (access.writes && reduces_threads()) requests /= warp;
        const Request each = request(access, width);
        demand.wavefronts += warps * requests * std::max(each.lines, each.sectors / 4);
        const bool guarded = !cache && !access.writes && tested(access);
        demand.operations += warps * requests * (2 + (guarded ? instructions_of_a_test : 0));

        std::vector<bool> of_block(loops_.size()), of_all(loops_.size(), true);
        for (int i = 0; i < depth(); ++i) of_block[static_cast<std::size_t>(i)] = !is_block(loop(i).kind);
        const NestAccess::Footprint block = access.footprint(of_block, loops_, sector_bytes);
        const NestAccess::Footprint whole = access.footprint(of_all, loops_, sector_bytes);
        const double transferred = warps * requests * each.sectors * sector_bytes;
        const double kept = block.lines * sector_bytes <= static_cast<double>(l1_bytes)
                                ? std::min(transferred, block.lines * sector_bytes * blocks_)
                                : transferred;
        demand.cache_bytes += kept;
        const bool again = demand.met.count(access.tensor.node().get()) > 0;
        demand.memory_bytes += (again ? 0 : std::min(kept, whole.lines * sector_bytes)) + 0.05 * kept;
        // Each waits for its own test.
        if (guarded) rolled *= loads(access) * pieces * (access.boundary == BoundaryMode::skip ? waits_of_a_skip : 1);
        return access.writes ? 0 : rolled / std::min(loads_in_flight, std::max(1.0, rolled));
    }

    double all_trips() const {
        double trips = 1;
        for (int i = 0; i < body_; ++i)
            if (!is_parallel(i)) trips *= static_cast<double>(loop(i).extent);
        return trips;
    }
    double all_serial() const {
        double serial = 1;
        for (int i = 0; i < depth(); ++i)
            if (!is_parallel(i)) serial *= static_cast<double>(loop(i).extent);
        return serial;
    }
    double reduced() const {
        double reduced = 1;
        for (int i = 0; i < depth(); ++i)
            if (!is_parallel(i) && loop(i).reduced) reduced *= static_cast<double>(loop(i).extent);
        return reduced;
    }
    bool reduces_threads() const { return !all_.stage->reduce_across.empty(); }

    const StageAccesses& all_;
    const std::vector<NestLoop>& loops_;
    std::int64_t threads_;
    double blocks_;
    int body_ = 0, lane_ = -1;
};

}  // namespace

void add_demand(const StageAccesses& stage, std::int64_t threads, double blocks, Demand& demand) {
    ThreadStage(stage, threads, blocks).add_to(demand);
}

}  // namespace heddle
