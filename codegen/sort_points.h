// codegen/sort_points.h -- what runs before a stage whose points are sorted by the element that they update.
#pragma once

#include <vector>

#include "codegen/stmt.h"
#include "schedules/loop_nest.h"

namespace heddle {

/// Fills the stage's starts and order by a stable counting sort: chunks of points are counted and placed side by side,
/// a thread each, so that the order is the same for any number of chunks. The host takes one chunk. A device with too
/// many elements to count in each chunk counts buckets of them, and then sorts each bucket.
struct SortedPoints {
    Stmt body;
    std::vector<AnyTensor> scratch;  ///< starts and order, and what only the sort needs
};
SortedPoints build_sort(const LoopNest& nest, const StageNest& stage);

}  // namespace heddle
