// schedules/default_cuda_contraction.cpp -- CUDA schedules of products of matrices, on tensor cores.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/cuda_limits.h"
#include "runtime/text.h"
#include "schedules/default_cuda_family.h"

namespace heddle {
namespace {

constexpr double fewest_products = 1 << 22;  ///< below, a launch of plain threads is as good
constexpr std::int64_t fewest_rows = 16, most_rows = 128, most_rows_f64 = 64;
constexpr std::int64_t fewest_steps_of_a_share = 4;
constexpr double worst_last_wave = 0.7;  ///< blocks that have work in a grid's waves; with fewer, blocks share tiles

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

/// Blocks share the steps of tiles where tiles are too few, or leave much of the last wave without work.
bool shares_steps(std::int64_t tiles, std::int64_t steps, int multiprocessors) {
    const std::int64_t waves = (tiles + multiprocessors - 1) / multiprocessors;
    const double used = static_cast<double>(tiles) / static_cast<double>(waves * multiprocessors);
    return used < worst_last_wave && waves <= 4 && tiles * steps >= fewest_steps_of_a_share * multiprocessors;
}

std::string warp_schedule(const CudaProduct& p, const Target& target, bool clips) {
    const Side rows(p.rows), columns(p.columns);
    const std::int64_t M = points_of(rows.tiled), N = points_of(columns.tiled), K = points_of(p.reduced);
    const int bytes = bytes_of(p.type);
    const std::int64_t least_step = bytes == 1 ? 32 : 16;
    if (M < fewest_rows || N < fewest_rows || K < least_step) return {};
    // A step of the sum is what one row of 128 bytes holds; of 64 where two blocks would not fit otherwise.
    const bool narrow_steps = bytes == 2 && target.compute_capability < 90;
    const std::int64_t bytes_of_step = narrow_steps ? 64 : 128;
    const ProductLoop* along = p.rows.along(p.reduced);
    if (const ProductLoop* other = p.columns.along(p.reduced); other && (!along || other->extent > along->extent))
        along = other;
    if (along && along->extent < least_step) along = nullptr;
    const std::int64_t step = tile_of(along ? along->extent : K, bytes_of_step / bytes, least_step);
    const bool small = bytes == 4 && p.has_classes;  // pieces and residues take registers, too
    const std::int64_t most = bytes == 8 ? most_rows_f64 : small ? most_rows / 2 : most_rows;
    const std::int64_t m = tile_of(M, most), n = tile_of(N, most);

    std::string text;
    for (const std::string& split : p.splits) text += split + " ";
    LoopNames work = names_of(p.batch);
    for (const Loops* loops : {&rows.outer, &columns.outer})
        for (const ProductLoop& loop : *loops) work.push_back(loop.name);
    Loops taps, depth;
    for (const ProductLoop& loop : p.reduced) (!along || along->name == loop.name ? depth : taps).push_back(loop);
    LoopNames order = work;
    for (const Loops* loops : std::initializer_list<const Loops*>{&rows.tiled, &columns.tiled, &taps, &depth})
        for (const ProductLoop& loop : *loops) order.push_back(loop.name);
    text += fmt::format("reorder({}) ", join(order, ", "));
    const std::string sum = fused(names_of(depth), text);
    text += fmt::format("split({}, {}) ", sum, step);
    LoopNames passes = names_of(taps);
    passes.push_back(sum + ".o");
    const bool may_share = !clips;
    const std::string row = fused(names_of(rows.tiled), text), column = fused(names_of(columns.tiled), text);
    text += fmt::format("split({}, {}) split({}, {}) ", row, m, column, n);
    work.push_back(row + ".o");
    work.push_back(column + ".o");
    text += fmt::format("reorder({}, {}, {}.i, {}.i, {}.i) ", join(work, ", "), join(passes, ", "), row, column, sum);
    std::string steps = passes.back();
    if (clips)
        for (const ProductLoop& tap : taps) text += fmt::format("clip({}) ", tap.name);
    else
        steps = fused(passes, text);
    const std::int64_t tiles =
        points_of(p.batch) * points_of(rows.outer) * points_of(columns.outer) * ((M + m - 1) / m) * ((N + n - 1) / n);
    const std::int64_t count = points_of(taps) * ((points_of(depth) + step - 1) / step);
    const bool shares = may_share && shares_steps(tiles, count, multiprocessors_of(target.compute_capability));
    text += fmt::format("work({}, {{{}{}}}, swizzle=8) accumulate_in(registers, {}.o) ", shares ? "stream_k" : "grid",
                        join(work, ", "), shares ? ", " + steps : "", column);
    for (const ProductOperand* operand : {&p.rows, &p.columns}) {
        const bool along_sum = along && operand->along({*along});
        text += fmt::format("cache_in({}, shared, {}, loop_coordinates, atom=cp_async, swizzle={}) ",
                            operand->tensor.name(), steps, along_sum ? std::min(bytes_of_step, step * bytes) : 128);
    }
    const std::int64_t warps_n = std::max<std::int64_t>(1, n / 32),
                       rows_of_a_warp = m * n >= 4 * 32 * 32 && !small ? 32 : 16;
    const std::int64_t warps_m = std::max<std::int64_t>(1, std::min(m / rows_of_a_warp, 8 / warps_n));
    text += fmt::format("pipeline({}, {}) ", steps, shares || narrow_steps ? 4 : 3);
    std::string atom = bytes == 1 ? "mma_sync_m16n8k32" : "mma_sync_m16n8k16";
    if (bytes == 4) {
        text += fmt::format("precision(f32, pieces=2, promote={}) ", step / 8);
        atom = "mma_sync_m16n8k8";
    } else if (bytes == 8) {
        atom = "mma_sync_m8n8k4";
    }
    text += fmt::format("tensorize({}, A={}, B={}, warps={{{}, {}}})", atom, p.rows.tensor.name(),
                        p.columns.tensor.name(), warps_m, warps_n);
    return text;
}

}  // namespace

std::vector<std::string> contraction_cuda_schedules(const StageNest& stage, const Target& target) {
    const Definition& definition = *stage.stage.definition;
    const std::optional<CudaProduct> product = cuda_product(definition);
    if (!product || target.compute_capability < 80 || product->products() < fewest_products) return {};
    std::vector<std::string> texts = warpgroup_schedules(*product, definition, target);
    if (product->has_classes) texts.push_back(warp_schedule(*product, target, true));
    texts.push_back(warp_schedule(*product, target, false));
    std::erase(texts, "");
    return texts;
}

}  // namespace heddle
