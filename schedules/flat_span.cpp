// schedules/flat_span.cpp -- boxes of a tensor that are one contiguous span of memory, for bulk copies.
#include "schedules/flat_span.h"

#include <fmt/core.h>

#include <algorithm>

#include "dsl/linear.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "runtime/text.h"
#include "schedules/directive_support.h"
#include "schedules/legality.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

constexpr std::int64_t unit = 16, most_bytes = (1 << 20) - unit;

std::string extents_text(const TileBox& box) {
    std::vector<std::string> extents;
    for (const Expr& extent : box.extent) extents.push_back(print(extent));
    return join(extents, " x ");
}

bool covers(const AnyTensor& tensor, const TileBox& box, int d) {
    return is_const(box.min[d], 0) && equal(box.extent[d], tensor.shape()[d].expr());
}

// The number of elements from the tensor's first to the box's is a multiple of so many.
bool starts_at_multiple(const AnyTensor& tensor, const TileBox& box, std::int64_t of) {
    Linear start;
    std::int64_t stride = 1;
    for (int d = tensor.rank() - 1; d >= 0; --d) {
        start = start + linear_of(box.min[d]) * stride;
        const auto* extent = tensor.shape()[d].expr().as<IntImm>();
        if (!extent && d > 0) {  // beyond a run-time size, starts are multiples of the stride before it
            for (int outer = d - 1; outer >= 0; --outer)
                if (!is_const(box.min[outer], 0) && stride % of != 0) return false;
            break;
        }
        if (extent) stride *= extent->value;
    }
    if (start.overflow || start.constant % of != 0) return false;
    return std::all_of(start.terms.begin(), start.terms.end(),
                       [&](const LinearTerm& term) { return term.factor % of == 0; });
}

}  // namespace

TileBox clamped(const AnyTensor& tensor, TileBox box, const Ranges& ranges) {
    for (int d = 0; d < tensor.rank(); ++d) {
        const Expr extent = tensor.shape()[d].expr();
        if (prove(box.min[d] <= Expr::integer(0) && extent <= box.min[d] + box.extent[d], ranges) != true) continue;
        box.min[d] = Expr::integer(0);
        box.extent[d] = extent;
    }
    return box;
}

void check_span(const AnyTensor& tensor, const TileBox& box, const Ranges& ranges, bool bulk, const std::string& what) {
    int d = tensor.rank() - 1;
    while (d > 0 && covers(tensor, box, d)) --d;
    for (int outer = 0; outer < d; ++outer)
        if (!is_const(box.extent[outer], 1))
            refuse(
                fmt::format("{}: a box of {} is no span of {}[{}]: dimension {} is taken in part, and {} of dimension "
                            "{} with it; footprint is legal, or a loop further in",
                            what, extents_text(box), tensor.name(), index_text([&] {
                                std::vector<Expr> shape;
                                for (const Extent& extent : tensor.shape()) shape.push_back(extent.expr());
                                return shape;
                            }()),
                            d, print(box.extent[outer]), outer));
    if (!bulk) return;
    const std::string instead = "copies by threads (atom=cp_async, ld_st) take any";
    const std::int64_t bytes = bytes_of(tensor.type());
    const std::optional<std::int64_t> elements = box.elements();
    if (!elements) return;  // no constant size: refused as any tile
    if (*elements * bytes % unit != 0)
        refuse(fmt::format("{}: the span of {} = {} B is no multiple of 16 B, which bulk copies move; {}", what,
                           extents_text(box), *elements * bytes, instead));
    if (*elements * bytes > most_bytes)
        refuse(fmt::format("{}: the span of {} = {} B, and a barrier counts at most {}; {}", what, extents_text(box),
                           *elements * bytes, most_bytes, instead));
    if (!starts_at_multiple(tensor, box, std::max<std::int64_t>(1, unit / bytes)))
        refuse(fmt::format("{}: spans of {} start at ({}), which are not all multiples of 16 B; {}", what,
                           tensor.name(), index_text(box.min), instead));
    for (int k = 0; k < tensor.rank(); ++k) {
        const Expr extent = tensor.shape()[k].expr();
        if (prove(Expr::integer(0) <= box.min[k] && box.min[k] + box.extent[k] <= extent, ranges) == true) continue;
        refuse(fmt::format("{}: the span of {} from {} goes beyond the {} of dimension {}; let the tile divide it, {}",
                           what, print(box.extent[k]), index_text(box.min[k]), print(extent), k, instead));
    }
}

std::vector<Loop> loops_writing(const StageNest& stage) {
    std::vector<Loop> loops;
    const int at = accumulator_position(stage);
    for (int i = 0; i <= at; ++i)
        if (is_thread_axis(stage.loops[i].kind)) loops.push_back(stage.loops[i]);
    const std::vector<Loop> inner = accumulator_loops(stage);
    loops.insert(loops.end(), inner.begin(), inner.end());
    return loops;
}

namespace {

// With what lies beside the tensor.
TileBox reached_box(const StageNest& stage, const std::vector<Loop>& writing) {
    std::vector<Expr> left;
    for (const Expr& index : stage.stage.definition->left) left.push_back(over_loops(stage, index));
    return tile_box(stage.stage.targets[0], {left}, writing);
}

}  // namespace

TileBox written_box(const StageNest& stage) {
    const std::vector<Loop> writing = loops_writing(stage);
    TileBox box = reached_box(stage, writing);
    const bool bound = writing.size() > accumulator_loops(stage).size();  // threads test what they write
    return bound ? clamped(stage.stage.targets[0], std::move(box), stage.ranges()) : box;
}

bool fills_written_box(const StageNest& stage) {
    const std::vector<Loop> writing = loops_writing(stage);
    std::vector<Expr> extents;
    for (const Loop& loop : writing) extents.push_back(loop.extent);
    const std::optional<std::int64_t> points = product_of(extents), elements = reached_box(stage, writing).elements();
    return points && elements && *elements <= *points;
}

}  // namespace heddle
