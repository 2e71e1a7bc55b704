// schedules/default_cuda_family.h -- schedules of CUDA devices by family, from the facts of a definition.
#pragma once

#include <string>
#include <vector>

#include "schedules/loop_nest.h"
#include "schedules/nest_writer.h"
#include "schedules/schedule.h"

namespace heddle {

/// Elements of a vector access of at most 16 bytes that divide the extent: a power of two, 1 where none does.
std::int64_t vector_length(std::int64_t extent, int bytes_of_element);

/// Binds loops of independent elements, outermost first, to the grid: one loop for all of them where the sizes are
/// known, split into blocks of `threads`. A run-time size further in would have to be divided by: from it on there is a
/// loop of its own, and what is outside goes to the grid's other axes where they are long enough. Returns the loop of a
/// block's threads.
std::string bind_elements(NestWriter& writer, const std::vector<VariableFacts>& variables, const LoopNames& loops,
                          std::int64_t threads);

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

/// A stencil over planes whose rows are no multiples of 16 bytes, or that are small: whole planes side by side in
/// memory, copied in bulk to shared memory and back, sm_90:
///     blocks of planes                          planes of the inputs: flat spans in shared memory
///         plane over thread_z, p.o over thread_y, q.o over thread_x
///             window (unrolled)
///                 p.i (unrolled) x q.i (vectorized)
/// False for others.
bool planes_cuda_stage(const StageNest& stage, const Target& target, Schedule& schedule);

/// A stage whose rows one group of threads each goes through, with the reductions that it reads along the same rows:
///     blocks | rows in a block
///         reductions: parts in registers, combined across the row's threads
///         results of the row alone: written by one thread
///         the stage's own elements of the row
/// `members` are the reductions and such results, in pipeline order. The row stays in registers between them where it
/// is short enough: a few lanes, a warp, a block, a cluster of blocks by its length; `hold` says so with directives.
bool rows_cuda_stage(const StageNest& stage, const std::vector<const StageNest*>& members, const Target& target,
                     bool hold, Schedule& schedule);

/// A long reduction to few elements that lie side by side, or that windows shift:
///     blocks | lanes of the output over thread_x             each thread adds up a part of all points
///         points: parts over blocks, over thread_y
///             taps (unrolled) x lane.i (vectorized)
/// False where there are elements enough for a thread each.
bool columns_cuda_stage(const StageNest& stage, Schedule& schedule);

/// A sum of products of two tensors on tensor cores, f32 as two pieces of tf32:
///     work | batch, rows.o, columns.o
///         steps of the sum, copied ahead to shared memory by cp.async
///             rows.i x columns.i x depth.i      Mma: wgmma where both operands lie along the sum, else mma.sync
/// False for other definitions, and for products too small to gain.
bool contraction_cuda_stage(const StageNest& stage, const Target& target, Schedule& schedule);

/// Unrolls the outermost reduced loop, which has so many steps, and divides it over blocks where there are few.
void divide_over_blocks(const Definition& definition, const std::string& loop, std::int64_t steps, std::int64_t blocks,
                        Schedule& schedule);

}  // namespace heddle
