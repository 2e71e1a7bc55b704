// schedules/default_cuda_warps.cpp -- CUDA schedules of products on mma.sync, operands copied ahead by threads.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "runtime/cuda_limits.h"
#include "runtime/text.h"
#include "schedules/default_cuda_family.h"

namespace heddle {
namespace {

constexpr std::int64_t fewest_rows = 16, most_rows = 128, most_rows_f64 = 64;
constexpr std::int64_t fewest_steps_of_a_share = 4;
constexpr double worst_last_wave = 0.7;  ///< blocks that have work in a grid's waves; with fewer, blocks share tiles
constexpr std::int64_t most_accumulators = 128, most_threads = 512;

using Loops = std::vector<ProductLoop>;

LoopNames names_of(const Loops& loops) {
    LoopNames names;
    for (const ProductLoop& loop : loops) names.push_back(loop.name);
    return names;
}

/// The largest power of two from `least` up to `most` that a loop of this extent can be split by.
std::int64_t tile_of(std::int64_t extent, std::int64_t most, std::int64_t least = fewest_rows) {
    std::int64_t tile = least;
    while (tile * 2 <= std::min(extent, most)) tile *= 2;
    return tile;
}

std::string fused(const LoopNames& loops, std::string& text) {
    if (loops.size() == 1) return loops[0];
    std::string name = join(loops, "_");
    text += fmt::format("fuse({{{}}}, {}) ", join(loops, ", "), name);
    return name;
}

/// The last index is the loop and nothing else that moves: elements side by side are copied together.
bool is_aligned(const ProductOperand& operand, const ProductLoop& loop) {
    const std::optional<Affine>& index = operand.facts.indices.back();
    return index && index->constant == 0 && index->terms.size() == 1 && index->coefficient(loop.symbol) == 1;
}

/// Loops of one operand: those that a tile runs over, fused, and those outside of it. A tile of an operand that lies
/// along its own loop runs over that one alone where copies can be of several elements then.
struct Side {
    Loops tiled, outer;
    explicit Side(const ProductOperand& operand) {
        const ProductLoop* along = operand.along(operand.loops);
        const bool alone = along && along->extent >= fewest_rows && is_aligned(operand, *along);
        for (const ProductLoop& loop : operand.loops)
            (!alone || along->name == loop.name ? tiled : outer).push_back(loop);
    }
};

/// Sizes of what a block multiplies.
struct WarpTile {
    std::int64_t rows = 128, columns = 128, step = 64, stages = 3, warps_m = 2, warps_n = 4;
    bool shares = false;  ///< blocks share the steps of tiles
    bool operator==(const WarpTile&) const = default;
};

/// A product as blocks of warps take it.
struct WarpProduct {
    CudaProduct product;
    Side rows, columns;
    std::int64_t M, N, K;
    int bytes;
    std::int64_t least_step, bytes_of_step;
    bool narrow_steps, few_registers;
    int multiprocessors;
    std::int64_t most_shared;
    Loops taps, depth;
    const ProductLoop* along = nullptr;  ///< of the sum, that lies along memory

    WarpProduct(const CudaProduct& p, const Target& target)
        : product(p),
          rows(product.rows),
          columns(product.columns),
          M(points_of(rows.tiled)),
          N(points_of(columns.tiled)),
          K(points_of(product.reduced)),
          bytes(bytes_of(product.type)),
          least_step(bytes == 1 ? 32 : 16),
          multiprocessors(multiprocessors_of(target.compute_capability)),
          most_shared(most_shared_bytes(target.compute_capability)) {
        // A step of the sum is what one row of 128 bytes holds; of 64 where two blocks would not fit otherwise.
        narrow_steps = bytes == 2 && target.compute_capability < 90;
        bytes_of_step = narrow_steps ? 64 : 128;
        few_registers = bytes == 4 && product.has_classes;  // pieces and residues take registers, too
        along = product.rows.along(product.reduced);
        if (const ProductLoop* other = product.columns.along(product.reduced);
            other && (!along || other->extent > along->extent))
            along = other;
        if (along && along->extent < least_step) along = nullptr;
        for (const ProductLoop& loop : product.reduced)
            (!along || along->name == loop.name ? depth : taps).push_back(loop);
    }
    WarpProduct(const WarpProduct&) = delete;
    WarpProduct& operator=(const WarpProduct&) = delete;

    bool fits() const { return M >= fewest_rows && N >= fewest_rows && K >= least_step; }
    std::int64_t longest_step() const { return along ? along->extent : K; }

    std::int64_t tiles(const WarpTile& t) const {
        return points_of(product.batch) * points_of(rows.outer) * points_of(columns.outer) *
               ((M + t.rows - 1) / t.rows) * ((N + t.columns - 1) / t.columns);
    }
    std::int64_t steps(const WarpTile& t) const { return points_of(taps) * ((points_of(depth) + t.step - 1) / t.step); }
    /// Tiles are too few, or leave much of the last wave without work.
    bool prefers_shares(const WarpTile& t) const {
        const std::int64_t count = tiles(t), waves = (count + multiprocessors - 1) / multiprocessors;
        const double used = static_cast<double>(count) / static_cast<double>(waves * multiprocessors);
        return used < worst_last_wave && waves <= 4 && may_share(t);
    }
    bool may_share(const WarpTile& t) const { return tiles(t) * steps(t) >= fewest_steps_of_a_share * multiprocessors; }

    WarpTile preferred(bool clips) const {
        WarpTile t;
        const std::int64_t most = bytes == 8 ? most_rows_f64 : few_registers ? most_rows / 2 : most_rows;
        t.step = tile_of(longest_step(), bytes_of_step / bytes, least_step);
        t.rows = tile_of(M, most);
        t.columns = tile_of(N, most);
        t.shares = !clips && prefers_shares(t);
        t.warps_n = std::max<std::int64_t>(1, t.columns / 32);
        const std::int64_t rows_of_a_warp = t.rows * t.columns >= 4 * 32 * 32 && !few_registers ? 32 : 16;
        t.warps_m = std::max<std::int64_t>(1, std::min(t.rows / rows_of_a_warp, 8 / t.warps_n));
        t.stages = t.shares || narrow_steps ? 4 : 3;
        return t;
    }

    /// Registers, shared memory and whole products a warp.
    bool takes(const WarpTile& t) const {
        const std::int64_t threads = 32 * t.warps_m * t.warps_n;
        const std::int64_t wide = bytes == 8 ? 2 : 1, held = bytes == 4 ? 2 : 1;
        if (threads > most_threads || t.rows * t.columns * wide * held > most_accumulators * threads) return false;
        if (few_registers && t.rows * t.columns * held > most_accumulators / 2 * threads) return false;
        const std::int64_t columns_of_a_warp = bytes <= 2 ? 16 : 8;  // matrices of 8 are loaded in pairs
        if (t.rows % (16 * t.warps_m) != 0 || t.columns % (columns_of_a_warp * t.warps_n) != 0) return false;
        if (t.rows > tile_of(M, 256) || t.columns > tile_of(N, 256) ||
            t.step > tile_of(longest_step(), 256, least_step))
            return false;
        // Copies of a thread are lines of code, longer ones where residues are worked out.
        const std::int64_t bytes_of_tiles = (t.rows + t.columns) * t.step * bytes;
        if (bytes_of_tiles > (product.has_classes ? 8 : 16) * 16 * threads) return false;
        return t.stages * bytes_of_tiles + 1024 <= most_shared;
    }

    std::string text(const WarpTile& t, bool clips) const {
        const CudaProduct& p = product;
        std::string text;
        for (const std::string& split : p.splits) text += split + " ";
        LoopNames work = names_of(p.batch);
        for (const Loops* loops : {&rows.outer, &columns.outer})
            for (const ProductLoop& loop : *loops) work.push_back(loop.name);
        LoopNames order = work;
        for (const Loops* loops : std::initializer_list<const Loops*>{&rows.tiled, &columns.tiled, &taps, &depth})
            for (const ProductLoop& loop : *loops) order.push_back(loop.name);
        text += fmt::format("reorder({}) ", join(order, ", "));
        const std::string sum = fused(names_of(depth), text);
        text += fmt::format("split({}, {}) ", sum, t.step);
        LoopNames passes = names_of(taps);
        passes.push_back(sum + ".o");
        const std::string row = fused(names_of(rows.tiled), text), column = fused(names_of(columns.tiled), text);
        text += fmt::format("split({}, {}) split({}, {}) ", row, t.rows, column, t.columns);
        work.push_back(row + ".o");
        work.push_back(column + ".o");
        text +=
            fmt::format("reorder({}, {}, {}.i, {}.i, {}.i) ", join(work, ", "), join(passes, ", "), row, column, sum);
        std::string steps = passes.back();
        if (clips)
            for (const ProductLoop& tap : taps) text += fmt::format("clip({}) ", tap.name);
        else
            steps = fused(passes, text);
        text += fmt::format("work({}, {{{}{}}}, swizzle=8) accumulate_in(registers, {}.o) ",
                            t.shares ? "stream_k" : "grid", join(work, ", "), t.shares ? ", " + steps : "", column);
        for (const ProductOperand* operand : {&p.rows, &p.columns}) {
            const bool along_sum = along && operand->along({*along});
            text += fmt::format("cache_in({}, shared, {}, loop_coordinates, atom=cp_async, swizzle={}) ",
                                operand->tensor.name(), steps,
                                along_sum ? std::min<std::int64_t>(128, t.step * bytes) : 128);
        }
        text += fmt::format("pipeline({}, {}) ", steps, t.stages);
        std::string atom = bytes == 1 ? "mma_sync_m16n8k32" : "mma_sync_m16n8k16";
        if (bytes == 4) {
            text += fmt::format("precision(f32, pieces=2, promote={}) ", t.step / 8);
            atom = "mma_sync_m16n8k8";
        } else if (bytes == 8) {
            atom = "mma_sync_m8n8k4";
        }
        text += fmt::format("tensorize({}, A={}, B={}, warps={{{}, {}}})", atom, p.rows.tensor.name(),
                            p.columns.tensor.name(), t.warps_m, t.warps_n);
        return text;
    }
};

}  // namespace

CudaForms warp_forms(const CudaProduct& product, const StageNest& stage, const Target& target, bool all) {
    const auto shared = std::make_shared<const WarpProduct>(product, target);
    const WarpProduct& p = *shared;
    if (!p.fits()) return {};
    CudaForms forms;
    const auto add = [&](const WarpTile& t, bool clips, bool by_default) {
        forms.push_back({{{"products by", "warps"},
                          {"rows", std::to_string(t.rows)},
                          {"columns", std::to_string(t.columns)},
                          {"step", std::to_string(t.step)},
                          {"stages", std::to_string(t.stages)},
                          {"groups", fmt::format("{}x{}", t.warps_m, t.warps_n)},
                          {"work", t.shares ? "stream_k" : "grid"},
                          {"taps", clips ? "clipped" : "fused"}},
                         [shared, t, clips, name = stage.stage.name()](Schedule& schedule) {
                             append_text(name, shared->text(t, clips), schedule);
                         },
                         by_default});
    };
    const bool may_clip = product.has_classes;
    if (may_clip) add(p.preferred(true), true, true);
    add(p.preferred(false), false, true);
    if (!all) return forms;
    WarpTile t;
    for (t.rows = fewest_rows; t.rows <= 256; t.rows *= 2)
        for (t.columns = fewest_rows; t.columns <= 256; t.columns *= 2)
            for (t.step = p.least_step; t.step * p.bytes <= 128; t.step *= 2)
                for (t.warps_m = 1; t.warps_m <= 8; t.warps_m *= 2)
                    for (t.warps_n = 1; t.warps_n <= 8; t.warps_n *= 2)
                        for (t.stages = 2; t.stages <= 5; ++t.stages)
                            for (const bool shares : {false, true})
                                for (const bool clips : {false, true}) {
                                    t.shares = shares;
                                    if ((clips && (!may_clip || shares)) || (shares && !p.may_share(t))) continue;
                                    if (!p.takes(t) || t == p.preferred(clips)) continue;
                                    add(t, clips, false);
                                }
    return forms;
}

}  // namespace heddle
