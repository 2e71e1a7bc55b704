// schedules/default_cuda_family.h -- schedules of CUDA devices by family, from the facts of a definition.
#pragma once

#include <string>
#include <vector>

#include "schedules/cuda_form.h"
#include "schedules/cuda_product.h"
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

// Forms of a family: with `all`, everything that fits, else what an untuned schedule may take.

/// One thread an output element, the variables of the output fused and cut into blocks. Legal for any stage: of a
/// scatter only the variables that stand bare on its left are spread, what is left runs in order within a thread.
CudaForms plain_cuda_forms(const StageNest& stage, bool all);

/// Several outputs a thread along the two innermost variables of the output, accesses of several elements along its
/// contiguous one, what a window slides over in registers, one thread a tile of outputs:
///     blocks of 256 | near.o, lane.o ... fused      reads of a window: copied to registers
///         window (unrolled)
///             near.i, far.i (unrolled) x lane.i (vectorized)
/// `stored`: the type in which results go to memory. None where the definition gives nothing to gain.
CudaForms stencil_cuda_forms(const StageNest& stage, ScalarType stored, bool all);

/// A stencil over planes whose rows are no multiples of 16 bytes, or that are small: whole planes side by side in
/// memory, copied in bulk to shared memory and back, sm_90:
///     blocks of planes                          planes of the inputs: flat spans in shared memory
///         plane over thread_z, p.o over thread_y, q.o over thread_x
///             window (unrolled)
///                 p.i (unrolled) x q.i (vectorized)
/// None for others.
CudaForms planes_cuda_forms(const StageNest& stage, const Target& target, bool all);
/// Outputs of a thread down and across, about; 0: chosen, and said here. False where that does not fit.
struct PlaneChoice {
    std::int64_t outputs[2] = {0, 0};
};
bool planes_cuda_stage(const StageNest& stage, const Target& target, PlaneChoice& choice, Schedule& schedule);

/// A stage whose rows one group of threads each goes through, with the reductions that it reads along the same rows:
///     blocks | rows in a block
///         reductions: parts in registers, combined across the row's threads
///         results of the row alone: written by one thread
///         the stage's own elements of the row
/// `members` are the reductions and such results, in pipeline order. The row stays in registers between them where it
/// is short enough: a few lanes, a warp, a block, a cluster of blocks by its length.
CudaForms rows_cuda_forms(const StageNest& stage, const std::vector<const StageNest*>& members, const Target& target,
                          bool all);
/// How a row is divided; 0: chosen, and said here. `hold`: directives say that it stays in registers. False where that
/// does not fit.
struct RowChoice {
    std::int64_t vector = 0, threads = 0, blocks = 0;  ///< blocks of a cluster
    std::int64_t rows = 0;                             ///< of a block
    bool hold = true;
};
bool rows_cuda_stage(const StageNest& stage, const std::vector<const StageNest*>& members, const Target& target,
                     RowChoice& choice, Schedule& schedule);

/// A long reduction to few elements that lie side by side, or that windows shift:
///     blocks | lanes of the output over thread_x             each thread adds up a part of all points
///         points: parts over blocks, over thread_y
///             taps (unrolled) x lane.i (vectorized)
/// None where there are elements enough for a thread each.
CudaForms columns_cuda_forms(const StageNest& stage, bool all);

/// A window over few channels whose filters differ from lane to lane: grouped convolutions, the channels last.
///     blocks | lanes of the output over thread_x            several outputs of a line a thread
///         rows of the window                               image and filters of the row: in registers
///             taps, channels x outputs (unrolled)
/// None for others.
CudaForms filters_cuda_forms(const StageNest& stage, bool all);
/// A long sum to the few elements of a window, which shift what is read: weight gradients of depthwise convolutions.
///     blocks | lanes of the output over thread_x            where they lie side by side in what is read
///         points, by tiles: parts over blocks, over threads  a tile of each input: in registers
///             taps x tile (unrolled)
/// None for others.
CudaForms window_sum_cuda_forms(const StageNest& stage, bool all);

/// A sum of products of two tensors on tensor cores; f32 as two pieces of tf32:
///     work | batch, rows.o, columns.o           or shares of the steps of all tiles (stream_k)
///         steps of the sum, copied ahead to shared memory
///             rows.i x columns.i x depth.i      Mma
/// None for other definitions, and for products too small to gain.
CudaForms contraction_cuda_forms(const StageNest& stage, const Target& target, bool all);

/// Of these, with wgmma on operands that the tensor memory accelerator copies; a warp fills, warpgroups multiply. None
/// where no such copy is legal.
CudaForms warpgroup_forms(const CudaProduct& product, const StageNest& stage, const Target& target, bool all);
/// Of these, where the sum runs over pixels and the columns are a window's taps by channels: a patch of the image is
/// copied once a step, and each tap multiplies a shifted view of it:
///     work | rows.o, columns.o, patches             stream_k
///         k.i x taps, c.i x pixels                  Mma: a warpgroup for each column of the window
CudaForms patch_forms(const CudaProduct& product, const StageNest& stage, const Target& target);
/// Of images of a few channels, whose windows have no rows that could be copied: patches in shared memory, from which
/// warps gather elements; channels go with a line of the window, residues of strides with the channels:
///     blocks | tiles of pixels, one after the other        or stream_k, where the pixels are summed
///         a patch of the image or of what is summed, copied ahead
///             lines of the window                          Mma (mma.sync)
CudaForms few_channel_forms(const CudaProduct& product, const StageNest& stage, const Target& target);
/// With mma.sync.
CudaForms warp_forms(const CudaProduct& product, const StageNest& stage, const Target& target, bool all);

/// Appends directives given as text to a stage.
void append_text(const std::string& stage, const std::string& text, Schedule& schedule);

/// Blocks that keep a device busy with long reductions.
inline constexpr std::int64_t blocks_wanted = 528;
/// Unrolls the outermost reduced loop, which has so many steps, and divides it over blocks where there are fewer than
/// wanted.
void divide_over_blocks(const Definition& definition, const std::string& loop, std::int64_t steps, std::int64_t blocks,
                        std::int64_t wanted_blocks, Schedule& schedule);

}  // namespace heddle
