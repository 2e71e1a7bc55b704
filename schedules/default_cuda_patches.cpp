// schedules/default_cuda_patches.cpp -- CUDA schedules of weight gradients whose window's taps all read one patch of an
// image.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#

#include "runtime/cuda_limits.h"
#include "runtime/text.h"
#include "schedules/default_cuda_family.h"
#include "schedules/warpgroup_tile.h"

namespace heddle {
namespace {

constexpr std::int64_t line = 8;       ///< pixels side by side: what one step of a matrix descriptor covers
constexpr std::int64_t channels = 64;  ///< of 16 bits: the widest swizzle
constexpr std::int64_t most_groups = 3, most_accumulators = 96, most_of_box = 256;
constexpr int most_stages = 4, fewest_stages = 3;  // more are slower (measured)
constexpr std::int64_t barrier_bytes = 2048, fewest_steps = 8;

using Loops = std::vector<ProductLoop>;

/// image(..., far + r, near + s, c) * other(..., far, near, k), summed over the pixels: rows of the product are k, its
/// columns the taps by c. A warpgroup takes one s; the r are its blocks of columns, a line of the patch apart.
struct Patches {
    const ProductOperand *image = nullptr, *other = nullptr;
    ProductLoop row, column, down, across;  ///< k, c, r, s
    ProductLoop far, near;                  ///< the pixels' rows and columns
    Loops outer, sums;                      ///< other free loops, other reduced ones
    std::int64_t spread_down = 1, spread_across = 1;

    std::int64_t groups() const { return across.extent; }
    std::int64_t columns() const { return down.extent * channels; }
    std::int64_t patch_rows(std::int64_t height) const { return height + (down.extent - 1) * spread_down; }
    std::int64_t patch_columns() const { return line + (across.extent - 1) * spread_across; }
    std::int64_t bytes(std::int64_t height) const {
        return 2 * channels * (height * line + patch_rows(height) * patch_columns());
    }
    std::int64_t tiles() const {
        return points_of(outer) * ((row.extent + channels - 1) / channels) *
               ((column.extent + channels - 1) / channels);
    }
    std::int64_t steps(std::int64_t height) const {
        return points_of(sums) * ((far.extent + height - 1) / height) * ((near.extent + line - 1) / line);
    }
};

// The loop is the whole index, and runs over the whole dimension: past its end there is nothing.
bool is_whole(const ProductOperand& operand, int dim, const ProductLoop& loop) {
    const std::optional<Affine>& index = operand.facts.indices[static_cast<std::size_t>(dim)];
    return index && index->constant == 0 && index->terms.size() == 1 && index->coefficient(loop.symbol) == 1 &&
           loop.period == 1 && operand.tensor.shape()[dim].value() == loop.extent;
}

const ProductLoop* find(const Loops& loops, const Symbol& symbol) {
    for (const ProductLoop& loop : loops)
        if (loop.symbol == symbol) return &loop;
    return nullptr;
}

// The tap and the pixel of an index pixel + spread * tap + constant.
bool is_window(const CudaProduct& product, const ProductOperand& image, int dim, ProductLoop& tap, ProductLoop& pixel,
               std::int64_t& spread) {
    const std::optional<Affine>& index = image.facts.indices[static_cast<std::size_t>(dim)];
    if (!index || index->terms.size() != 2) return false;
    for (const auto& [symbol, factor] : index->terms) {
        if (const ProductLoop* sum = find(product.reduced, symbol); sum && factor == 1)
            pixel = *sum;
        else if (const ProductLoop* free = find(image.loops, symbol); free && factor > 0)
            tap = *free, spread = factor;
        else
            return false;
    }
    return tap.symbol.defined() && pixel.symbol.defined();
}

bool analyse(const CudaProduct& product, const ProductOperand& image, const ProductOperand& other, Patches& p) {
    const int rank = image.tensor.rank(), last = other.tensor.rank() - 1;
    p.image = &image;
    p.other = &other;
    const ProductLoop *column = image.along(image.loops), *row = other.along(other.loops);
    if (rank < 3 || rank > 5 || last > 4 || !column || !row || column->extent < channels || row->extent < channels ||
        !is_whole(image, rank - 1, *column) || !is_whole(other, last, *row))
        return false;
    p.column = *column;
    p.row = *row;
    if (!is_window(product, image, rank - 2, p.across, p.near, p.spread_across) ||
        !is_window(product, image, rank - 3, p.down, p.far, p.spread_down))
        return false;
    if (p.groups() > most_groups || p.columns() > 256 || p.columns() / 2 > (p.groups() > 2 ? most_accumulators : 128))
        return false;
    for (const ProductLoop& loop : product.reduced) {
        const std::vector<int> dims = other.dims_of(loop), places = image.dims_of(loop);
        if (dims.size() != 1 || places.size() != 1 || !is_whole(other, dims[0], loop)) return false;
        if (loop.symbol != p.far.symbol && loop.symbol != p.near.symbol) p.sums.push_back(loop);
    }
    if (other.dims_of(p.near) != std::vector<int>{last - 1} || other.dims_of(p.far) != std::vector<int>{last - 2})
        return false;
    p.outer = product.batch;
    for (const ProductOperand* operand : {&image, &other})
        for (const ProductLoop& loop : operand->loops) {
            if (loop.period != 1) return false;
            if (!find({p.row, p.column, p.down, p.across}, loop.symbol)) p.outer.push_back(loop);
        }
    return true;
}

struct Height {
    std::int64_t rows = line;  ///< of pixels in a step
    int stages = fewest_stages;
    double cycles = 0;  ///< expected
};

// The fastest first.
std::vector<Height> heights_of(const Patches& p, int multiprocessors, std::int64_t shared_bytes) {
    std::vector<Height> heights;
    double operands = 0;
    for (const ProductOperand* operand : {p.image, p.other}) {
        double bytes = 2;
        for (const Extent& extent : operand->tensor.shape()) bytes *= static_cast<double>(extent.value());
        operands += bytes;
    }
    for (std::int64_t rows = 16; rows >= 2; rows -= 2) {
        Height height;
        height.rows = rows;
        height.stages = static_cast<int>(std::min<std::int64_t>(
            most_stages, (shared_bytes - barrier_bytes) / ((p.bytes(rows) + 2047) / 1024 * 1024)));
        const std::int64_t work = p.tiles() * p.steps(rows);
        if (height.stages < fewest_stages || p.patch_rows(rows) > most_of_box || p.patch_columns() > most_of_box ||
            work < fewest_steps * multiprocessors || p.tiles() >= 8L * multiprocessors)
            continue;
        const auto elements = static_cast<double>(channels * p.columns() * p.groups());
        height.cycles = cycles_of_shared_steps(p.tiles(), p.steps(rows), elements, line * rows,
                                               static_cast<double>(p.bytes(rows)), operands, multiprocessors);
        heights.push_back(height);
    }
    std::stable_sort(heights.begin(), heights.end(), [](const auto& a, const auto& b) { return a.cycles < b.cycles; });
    return heights;
}

std::string text_of(const Patches& p, const Height& height) {
    LoopNames outer, sums;
    for (const ProductLoop& loop : p.outer) outer.push_back(loop.name);
    for (const ProductLoop& loop : p.sums) sums.push_back(loop.name);
    LoopNames order = outer;
    for (const std::string& name : {p.row.name, p.across.name, p.down.name, p.column.name}) order.push_back(name);
    order.insert(order.end(), sums.begin(), sums.end());
    sums.push_back(p.far.name + ".o");
    sums.push_back(p.near.name + ".o");
    const std::string step = join(sums, "_"), row = p.row.name, column = p.column.name;
    std::string text =
        fmt::format("reorder({}, {}, {}) tile({{{}, {}}}, {{{}, {}}}) fuse({{{}}}, {}) ", join(order, ", "), p.far.name,
                    p.near.name, p.far.name, p.near.name, height.rows, line, join(sums, ", "), step);
    outer.push_back(row + ".o");
    outer.push_back(column + ".o");
    text += fmt::format(
        "split({}, {}) split({}, {}) reorder({}, {}, {}.i, {}, {}, {}.i, {}.i, {}.i) work(stream_k, {{{}, {}}}) "
        "accumulate_in(registers, {}.o) ",
        row, channels, column, channels, join(outer, ", "), step, row, p.across.name, p.down.name, column, p.far.name,
        p.near.name, join(outer, ", "), step, column);
    for (const ProductOperand* operand : {p.other, p.image})
        text += fmt::format("cache_in({}, shared, {}, footprint, atom=tma_tile, swizzle=128) ", operand->tensor.name(),
                            step);
    return text +
           fmt::format(
               "pipeline({}, {}) specialize_warps(producer=1, consumer={}x128{}) tensorize(wgmma_m64n{}k16, A={}, "
               "B={}, warps={{1, {}}})",
               step, height.stages, p.groups(), p.tiles() > 1 && p.groups() > 2 ? ", registers={32, 160}" : "",
               p.columns(), p.other->tensor.name(), p.image->tensor.name(), p.groups());
}

}  // namespace

CudaForms patch_forms(const CudaProduct& product, const StageNest& stage, const Target& target) {
    CudaForms forms;
    if (target.compute_capability != 90 || bytes_of(product.type) != 2) return forms;
    const auto shared = std::make_shared<const CudaProduct>(product);
    const auto patches = std::make_shared<Patches>();
    for (const bool swapped : {false, true}) {
        const ProductOperand &image = swapped ? shared->rows : shared->columns,
                             &other = swapped ? shared->columns : shared->rows;
        *patches = {};
        if (!analyse(*shared, image, other, *patches)) continue;
        for (const Height& height : heights_of(*patches, multiprocessors_of(target.compute_capability),
                                               most_shared_bytes(target.compute_capability))) {
            CudaForm form;
            form.choices = {{"products by", "warpgroups, of patches"},
                            {"rows", std::to_string(channels)},
                            {"columns", std::to_string(patches->columns() * patches->groups())},
                            {"step", std::to_string(height.rows * line)},
                            {"stages", std::to_string(height.stages)},
                            {"groups", std::to_string(patches->groups())},
                            {"work", "stream_k"},
                            {"taps", "fused"}};
            form.write = [shared, patches, height, name = stage.stage.name()](Schedule& schedule) {
                append_text(name, text_of(*patches, height), schedule);
            };
            form.by_default = forms.empty();
            form.cycles = height.cycles;
            forms.push_back(std::move(form));
        }
        break;
    }
    return forms;
}

}  // namespace heddle
