// schedules/legality_scatter.h -- checks on stages whose updates meet in memory or were sorted by element.
#pragma once

#include "schedules/loop_nest.h"

namespace heddle {

/// Throws Illegal (directive_support.h): vector loops of atomic updates, and whatever would leave the loop over the
/// points of an element outside of the element's loops, or take it apart.
void check_scatter(const LoopNest& nest, const StageNest& stage);

}  // namespace heddle
