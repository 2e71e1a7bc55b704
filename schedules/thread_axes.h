// schedules/thread_axes.h -- the threads of a CUDA block and the blocks of a cluster: loops bound to them, of all
// stages that share a kernel.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "schedules/loop_nest.h"

namespace heddle {

/// thread_x, thread_y or thread_z.
bool is_thread_axis(LoopKind kind);
/// 0, 1 or 2.
int axis_of(LoopKind thread_axis);
LoopKind thread_axis(int axis);

/// The stage with a nest of its own that a stage is part of, and all stages placed in it, directly or through others.
std::vector<const StageNest*> stages_of_kernel(const LoopNest& nest, const StageNest& stage);
/// Threads of the block along x, y, z that run the stage; 1 where nothing is bound.
std::array<std::int64_t, 3> threads_of_block(const LoopNest& nest, const StageNest& stage);
/// Blocks of a cluster that run the stage; 1 where nothing is bound.
std::int64_t blocks_of_cluster(const LoopNest& nest, const StageNest& stage);
/// Refuses bound loops that cannot be carried out: reduced ones that nothing combines, groups that do not fit.
void check_threads(const LoopNest& nest, const StageNest& stage);

}  // namespace heddle
