// codegen/passes/partition_loops.h -- a pass.
#pragma once

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Splits partitioned loops into edge and interior ranges; the interior is free of the tests that depend on the loop.
Stmt partition_loops(const Stmt& body, const Target& target);

}  // namespace heddle
