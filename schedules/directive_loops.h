// schedules/directive_loops.h -- what directives that replace loops share.
#pragma once

#include <string>

#include "schedules/loop_nest.h"

namespace heddle {

/// Refuses loops that are not as they were made any more: directives that replace loops come before those that decorate
/// them.
void require_plain(const LoopNest& nest, const StageNest& stage, const Loop& loop, const std::string& directive);

/// The variable that a test on a loop protects: all variables of a loop are reduced, or none is.
Symbol protected_variable(const StageNest& stage, const Symbol& loop);

/// Adds a test to a stage and, as what is computed inside of its loops must not run past them either, to that.
void add_guard(LoopNest& nest, StageNest& stage, const Guard& guard);

}  // namespace heddle
