// codegen/passes/simplify_statements.h -- a pass.
#pragma once

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Simplifies all expressions within the ranges of the loops around them and drops what cannot run.
Stmt simplify_statements(const Stmt& body, const Target& target);

}  // namespace heddle
