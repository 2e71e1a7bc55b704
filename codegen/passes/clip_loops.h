// codegen/passes/clip_loops.h -- a pass.
#pragma once

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Narrows clipped loops to the range where the tests on their variable hold.
Stmt clip_loops(const Stmt& body, const Target& target);

}  // namespace heddle
