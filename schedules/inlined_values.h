// schedules/inlined_values.h -- the values of inlined stages in the definitions that read them.
#pragma once

#include "schedules/loop_nest.h"

namespace heddle {

/// Gives every stage the definition of its pipeline with the values of inlined stages in the place of reads at plain
/// indices, so that what it reads is what is loaded. Reads with boundaries, and values that have such reads, stay: they
/// are put together when statements are built.
void put_inlined_values(LoopNest& nest);

/// Inlined, and nothing reads it any more: its value is in the definitions of its readers.
bool is_dissolved(const LoopNest& nest, const StageNest& stage);

}  // namespace heddle
