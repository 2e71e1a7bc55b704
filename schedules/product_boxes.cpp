// schedules/product_boxes.cpp -- boxes of operands, judged by the indices at which they are read.
#include "schedules/product_boxes.h"

#include <algorithm>

namespace heddle {
namespace {

constexpr std::int64_t most_pixels = 256;  // of a tile
constexpr std::int64_t most_offset = 200;  // of a walk over an image, where 255 are legal

// The index moves by one with the loop from 0 on, and with nothing else.
bool is_bare(const ProductOperand& operand, int dim, const ProductLoop& loop) {
    const std::optional<Affine>& index = operand.facts.indices[static_cast<std::size_t>(dim)];
    return loop.period == 1 && index && index->constant == 0 && index->terms.size() == 1 &&
           index->coefficient(loop.symbol) == 1;
}

std::int64_t size_of(const ProductOperand& operand, int dim) { return operand.tensor.shape()[dim].value(); }

// Fused loops are consecutive dimensions: all but the outermost in their full extent.
bool joins(const ProductOperand& operand, const std::vector<ProductLoop>& loops, const std::vector<int>& dims) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        if (!is_bare(operand, dims[i], loops[i])) return false;
        if (i > 0 && (dims[i] != dims[i - 1] + 1 || loops[i].extent != size_of(operand, dims[i]))) return false;
    }
    return true;
}

// Fused loops walk over an image: batch, height, width before channels (CUDA driver API, cuTensorMapEncodeIm2col).
bool walks(const ProductOperand& operand, const std::vector<ProductLoop>& loops, const std::vector<int>& dims,
           const Ranges& ranges) {
    const int rank = operand.tensor.rank();
    if (rank < 3 || rank > 5) return false;
    const bool has_batch = dims.front() == 0;
    if (static_cast<int>(dims.size()) != rank - (has_batch ? 1 : 2)) return false;
    if (has_batch ? !is_bare(operand, 0, loops[0]) : size_of(operand, 0) != 1) return false;
    const std::int64_t most = rank == 3 ? 32768 : rank == 4 ? 128 : 16;
    for (std::size_t i = has_batch ? 1 : 0; i < loops.size(); ++i) {
        const auto& index = operand.facts.indices[static_cast<std::size_t>(dims[i])];
        const std::int64_t factor = loops[i].period > 1 ? 1 : index ? index->coefficient(loops[i].symbol) : 0;
        if (factor < 1 || factor > 8) return false;
        Ranges first = ranges;  // of the walk
        first[loops[i].symbol] = range_of_extent(Expr::integer(loops[i].period));
        const Interval start = interval_of(operand.read->indices[static_cast<std::size_t>(dims[i])], first);
        if (start.min < -most || start.max > most) return false;
        // The last tile of one image may run past its rows.
        const std::int64_t beyond = i == 0 ? most_pixels / (points_of(loops) / loops[0].extent) + 1 : 0;
        const std::int64_t upper = (loops[i].extent + beyond - 1) * factor + 1 + start.min - size_of(operand, dims[i]);
        if (upper >= most || upper < -most || start.max - start.min > 2 * most - 1) return false;
    }
    return true;
}

}  // namespace

BoxForm boxes_copy(const ProductOperand& operand, const std::vector<ProductLoop>& across,
                   const std::vector<ProductLoop>& along, const Ranges& ranges) {
    const int rank = operand.tensor.rank(), last = rank - 1;
    if (rank < 2) return BoxForm::none;
    for (const Extent& extent : operand.tensor.shape())
        if (!extent.is_static()) return BoxForm::none;
    if (size_of(operand, last) * bytes_of(operand.tensor.type()) % 16 != 0) return BoxForm::none;
    std::vector<bool> moved(static_cast<std::size_t>(rank), false);
    int map_rank = rank;
    bool image = false, lines = false;
    for (const auto* axis : {&across, &along}) {
        std::vector<ProductLoop> loops;
        std::vector<int> dims;
        for (const ProductLoop& loop : *axis) {
            if (loop.extent == 1) continue;
            const std::vector<int> where = operand.dims_of(loop);
            if (where.size() != 1 || moved[static_cast<std::size_t>(where[0])]) return BoxForm::none;
            if (!dims.empty() && where[0] <= dims.back()) return BoxForm::none;
            moved[static_cast<std::size_t>(where[0])] = true;
            loops.push_back(loop);
            dims.push_back(where[0]);
        }
        if (loops.empty()) continue;
        if (loops.size() == 1) {
            const auto& index = operand.facts.indices[static_cast<std::size_t>(dims[0])];
            if (loops[0].period > 1 || !index || index->coefficient(loops[0].symbol) != 1) return BoxForm::none;
            lines = lines || dims[0] == last;
        } else if (joins(operand, loops, dims)) {
            map_rank -= static_cast<int>(loops.size()) - 1;
        } else if (walks(operand, loops, dims, ranges)) {
            image = true;
        } else {
            return BoxForm::none;
        }
    }
    if (image) return lines ? BoxForm::image : BoxForm::none;
    return lines && map_rank <= 5 ? BoxForm::tile : BoxForm::none;
}

bool tiles_are_boxes(const ProductOperand& operand, const std::vector<ProductLoop>& loops, std::int64_t points) {
    std::vector<std::int64_t> extents;
    bool by_one = true, near = true;
    for (const ProductLoop& loop : loops) {
        if (loop.extent == 1) continue;
        extents.push_back(loop.extent);
        for (const int d : operand.dims_of(loop)) {
            const auto& index = operand.facts.indices[static_cast<std::size_t>(d)];
            by_one = by_one && (loop.period > 1 || (index && index->coefficient(loop.symbol) == 1));
            near = near && (d == 0 || size_of(operand, d) <= most_offset);
        }
    }
    if (extents.size() < 2) return true;
    if (extents.back() % points == 0) return by_one;
    if (points % extents.back() != 0) return true;
    // Whole lines by steps are pixels of one walk, which begins at an offset from its image's corner.
    for (std::int64_t rows = points; extents.size() > 1; extents.pop_back()) {
        if (extents.back() % rows == 0) return by_one || near;
        if (rows % extents.back() != 0 || extents.back() > most_pixels) return false;
        rows /= extents.back();
    }
    return by_one || near;
}

}  // namespace heddle
