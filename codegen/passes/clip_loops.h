// codegen/passes/clip_loops.h -- a pass.
#pragma once

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Narrows clipped loops to the range where the tests on their variable hold. On the host, tests that come out the same
/// in all iterations of a serial loop move outside of it.
Stmt clip_loops(const Stmt& body, const Target& target);

/// The same for loops around a product of tiles that are zero outside of what they copy: iterations in which a whole
/// tile is, add nothing.
Stmt clip_products(const Stmt& body);

}  // namespace heddle
