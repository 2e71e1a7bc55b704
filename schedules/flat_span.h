// schedules/flat_span.h -- boxes of a tensor that are one contiguous span of memory, for bulk copies.
#pragma once

#include <string>
#include <vector>

#include "schedules/loop_nest.h"
#include "schedules/tile_box.h"

namespace heddle {

/// The box without what lies beside the tensor: whole in each dimension that it covers.
TileBox clamped(const AnyTensor& tensor, TileBox box, const Ranges& ranges);

/// Refuses a box that is no span of a row-major tensor; a span for bulk copies must lie inside of the tensor, start and
/// end at multiples of 16 bytes. `what` is the directive.
void check_span(const AnyTensor& tensor, const TileBox& box, const Ranges& ranges, bool bulk, const std::string& what);

/// What the threads of a block write of the output: the loops of the accumulator, and those bound to threads around it.
std::vector<Loop> loops_writing(const StageNest& stage);
TileBox written_box(const StageNest& stage);
/// They write every element of that box: no strides leave some to other tiles.
bool fills_written_box(const StageNest& stage);

}  // namespace heddle
