// codegen/block/stream_partition.h -- the steps of all tiles of a stage, shared evenly by a fixed number of blocks.
#pragma once

#include <utility>
#include <vector>

#include "schedules/loop_nest.h"

namespace heddle {

/// Work of kind stream_k. Step s of tile t is unit t * steps + s; block b takes the units [first_unit(b),
/// first_unit(b + 1)), so that a tile's steps are done by one block or by several with consecutive numbers.
struct StreamPartition {
    Expr tiles, steps, units, blocks;

    StreamPartition(const Expr& tiles, const Expr& steps, int compute_capability);
    /// Of a stage with such work.
    StreamPartition(const StageNest& stage, int compute_capability);
    Expr first_unit(const Expr& block) const;
    /// The block that does a unit.
    Expr block_of(const Expr& unit) const;
};

/// The loops of a block's work from the number of a tile: row-major, or, so that blocks which run at once share what
/// they read, in columns of `swizzle` rows. Pairs of loop and value; a value uses no later one.
std::vector<std::pair<Symbol, Expr>> work_loop_values(const Expr& tile,
                                                      const std::vector<std::pair<Symbol, Expr>>& loops, int swizzle);

}  // namespace heddle
