// codegen/second_pass.h -- reductions that are divided over blocks: parts to memory, then a stage that combines them.
#pragma once

#include "schedules/loop_nest.h"

namespace heddle {

/// Each stage with split_reduction(parts), or reduce_across(blocks), becomes two:
///     y[n] += x[n,c] | c<1000    ->    y_parts[part,n] += x[n, 250*part + c'] | c'<250,  then
///                                      y[n] += y_parts[part,n] | part<4, in this order
/// The first keeps the stage's loops, with a block for each part; what starts and follows the stage goes to the second.
LoopNest with_second_passes(const LoopNest& nest);

}  // namespace heddle
