// schedules/default_cuda_family.h -- schedules of CUDA devices by family, from the facts of a definition.
#pragma once

#include <string>
#include <vector>

#include "schedules/loop_nest.h"
#include "schedules/schedule.h"

namespace heddle {

/// Elements of a vector access of at most 16 bytes that divide the extent: a power of two, 1 where none does.
std::int64_t vector_length(std::int64_t extent, int bytes_of_element);

/// One thread an output element, the variables of the output fused and cut into blocks. Legal for any stage: of a
/// scatter only the variables that stand bare on its left are spread, what is left runs in order within a thread.
void plain_cuda_stage(const StageNest& stage, Schedule& schedule);

/// Several outputs a thread along the two innermost variables of the output, accesses of several elements along its
/// contiguous one, what a window slides over in registers, one thread a tile of outputs:
///     blocks of 256 | near.o, lane.o ... fused      reads of a window: copied to registers
///         window (unrolled)
///             near.i, far.i (unrolled) x lane.i (vectorized)
/// False where the definition gives nothing to gain; `schedule` is as before then.
bool stencil_cuda_stage(const StageNest& stage, Schedule& schedule);

/// A stage whose rows one group of threads each goes through, with the reductions that it reads along the same rows:
///     blocks | rows in a block
///         reductions: parts in registers, combined across the row's threads
///         the stage's own elements of the row
/// `members` are the reductions, in pipeline order. The row stays in registers between them where it is short enough.
bool rows_cuda_stage(const StageNest& stage, const std::vector<const StageNest*>& members, Schedule& schedule);

}  // namespace heddle
