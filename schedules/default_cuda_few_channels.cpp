// schedules/default_cuda_few_channels.cpp -- CUDA schedules of products over images of a few channels, whose windows
// have no rows that could be copied: patches in shared memory, elements gathered from them by warps (mma.sync).
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "dsl/visit.h"
#include "runtime/cuda_limits.h"
#include "runtime/text.h"
#include "schedules/default_cuda_family.h"
#include "schedules/warpgroup_tile.h"

namespace heddle {
namespace {

constexpr std::int64_t bytes_of_a_row = 16;  ///< of a matrix that tensor cores load; of more channels there are others
constexpr std::int64_t depth_of_atom = 16, columns_of_atom = 8;
constexpr std::int64_t lines_wide = 16, most_columns = 64, most_depth = 256;
constexpr std::int64_t most_accumulators = 64;  ///< of a thread
constexpr std::int64_t blocks_of_a_multiprocessor = 2, barrier_bytes = 1024;

using Loops = std::vector<ProductLoop>;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
std::int64_t missing(std::int64_t extent, std::int64_t unit) { return ceil_div(extent, unit) * unit - extent; }

LoopNames names_of(const Loops& loops) {
    LoopNames names;
    for (const ProductLoop& loop : loops) names.push_back(loop.name);
    return names;
}

/// Sizes of what a block does at a time.
struct Sizes {
    std::int64_t lines = 8;  ///< of 16 pixels
    int warps = 4;           ///< that divide them
};

// The last two loops fill a tile: none of it is cut off, so that it is whole matrices.
bool fills(const std::vector<std::int64_t>& extents, const Sizes& sizes) {
    const std::size_t count = extents.size();
    return count >= 2 && extents[count - 1] >= lines_wide && extents[count - 2] >= sizes.lines;
}

std::vector<std::int64_t> extents_of(const Loops& loops) {
    std::vector<std::int64_t> extents;
    for (const ProductLoop& loop : loops) extents.push_back(loop.extent);
    return extents;
}

/// A product whose image has few channels: of its window, or the channels are the result's.
struct FewChannels {
    const CudaProduct* product = nullptr;
    const Definition* definition = nullptr;
    const ProductOperand *image = nullptr, *other = nullptr;
    ProductLoop channel;  ///< the image's last index
    std::string result;
    bool through_tile = false;
    int multiprocessors = 132;
    std::int64_t most_shared = 0;

    /// Directives that cut the pixels into tiles, loops `pixels` of which the last two are an image's lines and
    /// columns.
    std::string tiled(const LoopNames& pixels, std::int64_t lines, LoopNames& outside, LoopNames& inside) const {
        outside = {pixels.begin(), pixels.end() - 2};
        const std::string &far = pixels[pixels.size() - 2], &along = pixels.back();
        for (const std::string& name : {far, along}) {
            outside.push_back(name + ".o");
            inside.push_back(name + ".i");
        }
        return fmt::format("split({}, {}) split({}, {}) ", far, lines, along, lines_wide);
    }
    /// Tiles one after the other in a block, as many as give each multiprocessor its blocks.
    std::int64_t tiles_of_a_block(std::int64_t tiles) const {
        return std::max<std::int64_t>(1, ceil_div(tiles, blocks_of_a_multiprocessor * multiprocessors));
    }
};

bool is_bare(const ProductOperand& operand, int dim, const ProductLoop& loop) {
    const std::optional<Affine>& index = operand.facts.indices[static_cast<std::size_t>(dim)];
    return index && index->constant == 0 && index->terms.size() == 1 && index->coefficient(loop.symbol) == 1;
}

// The loop that is the last index of an operand, alone.
const ProductLoop* last_of(const ProductOperand& operand, const Loops& among) {
    for (const ProductLoop& loop : among)
        if (is_bare(operand, operand.tensor.rank() - 1, loop)) return &loop;
    return nullptr;
}

// y[.., k] += image[.., st * p + r, st * q + s, c] * w[.. k ..]: pixels by filters over (s, c), a line of the window at
// a time.
CudaForm window_form(const FewChannels& f, const ProductLoop& tap, const Sizes& sizes, const std::string& stage) {
    const CudaProduct& p = *f.product;
    const ProductLoop& filter = f.other->loops[0];
    LoopNames pixels = names_of(p.batch), taps, outside, inside;
    for (const ProductLoop& loop : f.image->loops) pixels.push_back(loop.name);
    for (const ProductLoop& loop : p.reduced)
        if (loop.symbol != tap.symbol && loop.symbol != f.channel.symbol) taps.push_back(loop.name);
    const std::string sum = tap.name + "_" + f.channel.name;
    const std::int64_t depth = tap.extent * f.channel.extent, columns = std::min(most_columns, filter.extent);
    std::string text =
        fmt::format("reorder({}, {}, {}{}{}, {}) fuse({{{}, {}}}, {}) extend({}, 0, {}) ", join(pixels, ", "),
                    filter.name, join(taps, ", "), taps.empty() ? "" : ", ", tap.name, f.channel.name, tap.name,
                    f.channel.name, sum, sum, missing(depth, depth_of_atom));
    std::int64_t tiles = points_of(p.batch);
    for (std::size_t i = 0; i < f.image->loops.size(); ++i) {
        const std::size_t left = f.image->loops.size() - i;
        tiles *= ceil_div(f.image->loops[i].extent, left == 1 ? lines_wide : left == 2 ? sizes.lines : 1);
    }
    text += f.tiled(pixels, sizes.lines, outside, inside);
    const std::string tile = join(outside, "_");
    if (const std::int64_t more = missing(filter.extent, 2 * columns_of_atom); more > 0)
        text += fmt::format("extend({}, 0, {}) ", filter.name, more);
    text += fmt::format("split({0}, {1}) reorder({0}.o, {2}, {3}{4}{5}, {0}.i, {6}) fuse({{{2}}}, {7}) ", filter.name,
                        ceil_div(columns, 16) * 16, join(outside, ", "), join(taps, ", "), taps.empty() ? "" : ", ",
                        join(inside, ", "), sum, tile);
    const std::int64_t rows = (depth + missing(depth, depth_of_atom)) * 2;
    text += fmt::format(
        "split({0}, {1}) bind({2}.o, block_y) bind({0}.o, block_x) accumulate_in(registers, {0}.i) "
        "cache_in({3}, shared, {0}.o, loop_coordinates, atom=cp_async, swizzle={4}) "
        "cache_in({5}, shared, {0}.i, footprint, atom=cp_async) pipeline({0}.i, 2) "
        "tensorize(mma_sync_m16n8k16, A={5}, B={3}, warps={{{6}, 1}})",
        tile, f.tiles_of_a_block(tiles * ceil_div(filter.extent, columns)), filter.name, f.other->tensor.name(),
        swizzle_of(rows), f.image->tensor.name(), sizes.warps);
    if (f.through_tile)
        text += fmt::format(" cache_out({}, shared, {}.i, swizzle={})", f.result, tile, swizzle_of(columns * 2));
    CudaForm form;
    form.choices = {{"products by", "warps, of gathered windows"},
                    {"rows", std::to_string(sizes.lines * lines_wide)},
                    {"groups", std::to_string(sizes.warps)}};
    form.write = [text, stage](Schedule& schedule) { append_text(stage, text, schedule); };
    return form;
}

// dw[k, r, s, c] += other[.., p, q, k] * image[.., st * p + r, st * q + s, c]: filters by (r, s, c) over pixels.
CudaForm weights_form(const FewChannels& f, const ProductLoop& tap, const Sizes& sizes, const std::string& stage) {
    const CudaProduct& p = *f.product;
    const ProductLoop& filter = f.other->loops[0];
    LoopNames free = names_of(p.batch), pixels = names_of(p.reduced), outside, inside;
    std::int64_t taps = 1;
    for (const ProductLoop& loop : f.image->loops)
        if (loop.symbol != tap.symbol && loop.symbol != f.channel.symbol) {
            free.push_back(loop.name);
            taps *= loop.extent;
        }
    const std::string across = tap.name + "_" + f.channel.name;
    const std::int64_t width = tap.extent * f.channel.extent, columns = std::min(most_columns, filter.extent);
    LoopNames order = {filter.name};
    order.insert(order.end(), free.begin(), free.end());
    std::string text = fmt::format("reorder({}, {}, {}, {}) fuse({{{}, {}}}, {}) extend({}, 0, {}) ", join(order, ", "),
                                   tap.name, f.channel.name, join(pixels, ", "), tap.name, f.channel.name, across,
                                   across, missing(width, columns_of_atom));
    text += f.tiled(pixels, sizes.lines, outside, inside);
    const std::string step = join(outside, "_");
    LoopNames within = {filter.name + ".i"};
    within.insert(within.end(), free.begin(), free.end());
    within.push_back(across);
    within.insert(within.end(), inside.begin(), inside.end());
    text += fmt::format("split({0}, {1}) reorder({0}.o, {2}, {3}) fuse({{{2}}}, {4}) ", filter.name, columns,
                        join(outside, ", "), join(within, ", "), step);
    text += fmt::format(
        "work(stream_k, {{{0}.o, {1}}}) accumulate_in(registers, {0}.o) "
        "cache_in({2}, shared, {1}, footprint, atom=cp_async, swizzle={3}) "
        "cache_in({4}, shared, {1}, footprint, atom=cp_async) pipeline({1}, 3) "
        "tensorize(mma_sync_m16n8k16, A={2}, B={4}, warps={{{5}, {6}}})",
        filter.name, step, f.other->tensor.name(), swizzle_of(columns * 2), f.image->tensor.name(), sizes.warps, taps);
    CudaForm form;
    form.choices = {{"products by", "warps, of gathered columns"},
                    {"step", std::to_string(sizes.lines * lines_wide)},
                    {"groups", std::to_string(sizes.warps)}};
    form.write = [text, stage](Schedule& schedule) { append_text(stage, text, schedule); };
    return form;
}

// The constant beside the symbol in the quotients and residues of these indices; nothing where there are several.
std::optional<std::int64_t> phase_of(const std::vector<Expr>& indices, const Symbol& symbol, std::int64_t period) {
    std::optional<std::int64_t> phase;
    bool several = false;
    for (const Expr& index : indices)
        for_each_node(index, [&](const Expr& node) {
            const auto* binary = node.as<Binary>();
            if (!binary || (binary->op != BinaryOp::div && binary->op != BinaryOp::mod) || !uses(binary->a, symbol))
                return;
            const std::optional<Affine> value = affine_of(binary->a);
            const std::int64_t here = value ? ((value->constant % period) + period) % period : -1;
            several = several || !value || (phase && *phase != here);
            phase = here;
        });
    return several ? std::nullopt : phase;
}

/// A loop of the result whose residues are columns beside the channels, and how far its first class lies before it.
struct Class {
    ProductLoop loop;  ///< of quotients
    std::string name;
    std::int64_t before = 0, after = 0, extent = 0;
};

// dx[.., i, j, c] += other[.., (i + pad) / st - a, .., k] * w[k, (i + pad) % st + st * a, .., c]: a pixel of each class
// by (classes, c) over k, a tap at a time. The residues, which only choose the filter's element, are columns.
std::optional<CudaForm> classes_form(const FewChannels& f, const Sizes& sizes, const std::string& stage) {
    const CudaProduct& p = *f.product;
    const ProductLoop* depth = last_of(*f.other, p.reduced);
    if (!depth || depth->extent % depth_of_atom != 0 || depth->extent > most_depth) return {};
    std::string text;
    LoopNames pixels, classes, taps, outside, inside;
    std::int64_t columns = 1, tiles = 1, bytes = 2 * depth->extent, patch = 2 * depth->extent;
    for (const ProductLoop& loop : p.batch) {
        if (loop.extent > 1 && !loop.name.ends_with(".i")) return {};
        if (!loop.name.ends_with(".i")) pixels.push_back(loop.name);
    }
    std::vector<std::int64_t> extents;
    for (const ProductLoop& loop : f.other->loops) {
        std::int64_t extent = loop.extent;
        if (loop.period > 1) {
            const std::string name = loop.name.substr(0, loop.name.size() - 2);
            const std::optional<std::int64_t> phase = phase_of(f.image->read->indices, loop.symbol, loop.period);
            if (!phase || phase != phase_of(f.other->read->indices, loop.symbol, loop.period)) return {};
            std::int64_t whole = 0;
            for (const DomainVar& v : f.definition->domain)
                if (v.symbol == loop.symbol) whole = v.extent.value();
            const std::int64_t after = missing(whole + *phase, loop.period);
            text += fmt::format("extend({0}, {1}, {2}) split({0}, {3}) ", name, *phase, after, loop.period);
            extent = (whole + *phase + after) / loop.period;
            classes.push_back(name + ".i");
            columns *= loop.period;
        }
        pixels.push_back(loop.name);
        extents.push_back(extent);
    }
    std::int64_t wide = f.channel.extent;
    while (columns * wide % (2 * columns_of_atom) != 0) ++wide;
    columns *= wide;
    if (columns > 2 * most_columns || !fills(extents, sizes)) return {};
    if (wide > f.channel.extent) text += fmt::format("extend({}, 0, {}) ", f.channel.name, wide - f.channel.extent);
    for (const ProductLoop& loop : p.reduced)
        if (loop.symbol != depth->symbol) {
            taps.push_back(loop.name);
            bytes *= loop.extent;
        }
    bytes *= columns;
    // A tap moves one pixel: the patch is a window larger.
    std::int64_t longest = 1;
    for (const ProductLoop& loop : p.reduced)
        if (loop.symbol != depth->symbol) longest = std::max(longest, loop.extent);
    patch *= (sizes.lines + longest) * (lines_wide + longest);
    if (bytes + 2 * patch + barrier_bytes > f.most_shared) return {};
    for (std::size_t i = 0; i < extents.size(); ++i) {
        const std::size_t left = extents.size() - i;
        tiles *= ceil_div(extents[i], left == 1 ? lines_wide : left == 2 ? sizes.lines : 1);
    }
    text += f.tiled(pixels, sizes.lines, outside, inside);
    const std::string tile = join(outside, "_");
    LoopNames order = outside;
    for (const LoopNames* names : {&taps, &inside, &classes}) order.insert(order.end(), names->begin(), names->end());
    text += fmt::format(
        "reorder({0}, {1}, {2}) fuse({{{3}}}, {4}) split({4}, {5}) bind({4}.o, block_x) accumulate_in(registers, "
        "{4}.i) "
        "cache_in({6}, shared, {4}.o, loop_coordinates, atom=cp_async, swizzle={7}) "
        "cache_in({8}, shared, {4}.i, footprint, atom=cp_async, swizzle={7}) pipeline({4}.i, 2) "
        "tensorize(mma_sync_m16n8k16, A={8}, B={6}, warps={{{9}, 1}})",
        join(order, ", "), f.channel.name, depth->name, join(outside, ", "), tile, f.tiles_of_a_block(tiles),
        f.image->tensor.name(), swizzle_of(depth->extent * 2), f.other->tensor.name(), sizes.warps);
    CudaForm form;
    form.choices = {{"products by", "warps, of classes as columns"},
                    {"rows", std::to_string(sizes.lines * lines_wide)},
                    {"columns", std::to_string(columns)},
                    {"groups", std::to_string(sizes.warps)}};
    form.write = [text, stage](Schedule& schedule) { append_text(stage, text, schedule); };
    return form;
}

// The loop beside the pixels along a line: of the window's columns.
const ProductLoop* tap_of(const ProductOperand& image, const Loops& among) {
    for (const ProductLoop& loop : among)
        if (loop.period == 1 && image.dims_of(loop) == std::vector<int>{image.tensor.rank() - 2}) return &loop;
    return nullptr;
}

// All pixels are indices of the other operand, each alone.
bool walks_over(const ProductOperand& operand, const Loops& loops) {
    return std::all_of(loops.begin(), loops.end(), [&](const ProductLoop& loop) {
        const std::vector<int> dims = operand.dims_of(loop);
        return dims.size() == 1 && is_bare(operand, dims[0], loop);
    });
}

}  // namespace

CudaForms few_channel_forms(const CudaProduct& product, const StageNest& stage, const Target& target) {
    CudaForms forms;
    if (target.compute_capability < 80 || (product.type != f16 && product.type != bf16)) return forms;
    const Definition& definition = *stage.stage.definition;
    FewChannels f;
    f.product = &product;
    f.definition = &definition;
    f.result = definition.target(0).name();
    f.multiprocessors = multiprocessors_of(target.compute_capability);
    f.most_shared = most_shared_bytes(target.compute_capability);
    const auto* last = definition.left.empty() ? nullptr : definition.left.back().as<Variable>();
    const auto add = [&](CudaForm form) {
        form.by_default = forms.empty();
        forms.push_back(std::move(form));
    };
    for (const bool swapped : {false, true}) {
        f.image = swapped ? &product.columns : &product.rows;
        f.other = swapped ? &product.rows : &product.columns;
        if (f.image->tensor.rank() < 3) continue;
        const ProductLoop *summed = last_of(*f.image, product.reduced), *kept = last_of(*f.image, f.image->loops);
        const ProductLoop* channel = summed ? summed : kept;
        if (!channel || channel->extent * bytes_of(product.type) >= bytes_of_a_row) continue;
        f.channel = *channel;
        const bool one_filter = f.other->loops.size() == 1 && f.other->loops[0].extent >= depth_of_atom;
        if (summed) {
            const ProductLoop* tap = tap_of(*f.image, product.reduced);
            if (!tap || !one_filter || product.has_classes || f.image->loops.size() + product.batch.size() < 2)
                continue;
            f.through_tile = bytes_of(product.result) == 2 && last && last->symbol == f.other->loops[0].symbol &&
                             f.other->loops[0].extent % depth_of_atom == 0;
            for (const Sizes& sizes : {Sizes{8, 4}, Sizes{16, 8}, Sizes{16, 4}, Sizes{4, 4}})
                if (fills(extents_of(f.image->loops), sizes)) add(window_form(f, *tap, sizes, stage.stage.name()));
        } else if (last_of(*f.other, f.other->loops)) {
            const ProductLoop* tap = tap_of(*f.image, f.image->loops);
            if (!tap || !one_filter || product.has_classes || f.other->loops[0].extent % depth_of_atom != 0 ||
                product.reduced.size() < 2 || !walks_over(*f.other, product.reduced))
                continue;
            // Of few columns a warp takes all rows: what it gathers is used more often.
            const std::int64_t width = tap->extent * channel->extent, accumulators = ceil_div(width, 8) * 16;
            const int down = accumulators <= most_accumulators ? 1 : 2;
            for (const Sizes& sizes : {Sizes{8, down}, Sizes{8, 3 - down}, Sizes{16, 2}, Sizes{4, 2}})
                if (fills(extents_of(product.reduced), sizes)) add(weights_form(f, *tap, sizes, stage.stage.name()));
        } else {
            for (const Sizes& sizes : {Sizes{8, 4}, Sizes{16, 8}, Sizes{16, 4}})
                if (std::optional<CudaForm> form = classes_form(f, sizes, stage.stage.name())) add(std::move(*form));
        }
    }
    return forms;
}

}  // namespace heddle
