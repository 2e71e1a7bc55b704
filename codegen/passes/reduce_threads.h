// codegen/passes/reduce_threads.h -- a reduction across the threads of a block, as shuffles and shared memory.
#pragma once

#include "codegen/stmt.h"

namespace heddle {

/// Every thread that differs along the axis alone holds a part; all of them hold the whole after. The order in which
/// parts are combined is fixed: neighbours first, then warps; an earlier thread's part is a tuple's left operand.
///     x, a power of two of threads:   shuffles in a warp; for more, one part a warp through shared memory, shuffles
///     otherwise:                      all parts through shared memory, each thread combines them in order
Stmt reduce_threads(const Reduce& reduce);

}  // namespace heddle
