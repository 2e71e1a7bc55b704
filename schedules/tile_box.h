// schedules/tile_box.h -- the elements of a tensor that a part of a loop nest reads.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "schedules/loop_nest.h"

namespace heddle {

/// A box of elements: first index (over the loops outside) and number of elements, a dimension.
struct TileBox {
    std::vector<Expr> min, extent;
    /// Number of elements; nothing when an extent depends on a run-time size.
    std::optional<std::int64_t> elements() const;
};

/// What `reads` (indices over loops, one vector a read) need of a tensor while the loops `inner` run. The whole
/// dimension where an index is no sum of multiples of those loops, or their extents are not constant.
TileBox tile_box(const AnyTensor& tensor, const std::vector<std::vector<Expr>>& reads, const std::vector<Loop>& inner);

/// The loops of a stage inside `at`; all of them when it is undefined.
std::vector<Loop> loops_inside(const StageNest& stage, const Symbol& at);
/// What the stage reads of a tensor inside `at`. Dimensions in which a boundary folds indices back are taken whole.
TileBox read_box(const StageNest& stage, const AnyTensor& tensor, const Symbol& at);
/// The loops whose iterations share the elements of one tile: those inside `at`, and for a tile in shared memory the
/// loops around it that are bound to threads, too; a tile in registers is of one thread, so that bound loops do not
/// count.
std::vector<Loop> loops_sharing(const StageNest& stage, const CacheIn& cache);
/// The same while these loops run, of the stage and of others around it.
TileBox read_box(const StageNest& stage, const AnyTensor& tensor, const std::vector<Loop>& inner);
/// The box of a cache that is none in loop coordinates; of a flat span on a device, without what lies beside the
/// tensor.
TileBox cache_box(const StageNest& stage, const CacheIn& cache);
/// The shape of a cache: its box, or the extents of the loops that the read depends on.
std::vector<Expr> cache_shape(const StageNest& stage, const CacheIn& cache);
/// Those of the loops `inner` on which the reads of a tensor depend.
std::vector<Loop> loops_read_by(const StageNest& stage, const AnyTensor& tensor, const std::vector<Loop>& inner);
/// Product of constant extents; nothing when one is not constant.
std::optional<std::int64_t> product_of(const std::vector<Expr>& extents);
/// True when an index is a multiple of the loop variable and something that does not change with it.
bool is_affine_in(const Expr& index, const Loop& loop);
/// True for boundaries that move an index back inside.
bool folds(BoundaryMode mode);

}  // namespace heddle
