// codegen/passes/map_to_threads.h -- the work of a block is divided over its threads, copies overlap with products.
#pragma once

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Replaces every Team: blocks get their share of the work; tiles in shared memory become rings that are filled ahead;
/// warps take roles; copies, products on tensor cores and maps over their results become what each thread does, with
/// the barriers between. What is left are loops, stores and calls of device helpers. Throws UserError for a tile that
/// an atom cannot take, saying what it could.
Stmt map_to_threads(const Stmt& body, const Target& target);

}  // namespace heddle
