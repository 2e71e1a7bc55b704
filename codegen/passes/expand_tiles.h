// codegen/passes/expand_tiles.h -- a pass.
#pragma once

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Turns tile statements on portable atoms (fma, plain loads and stores) into loops.
Stmt expand_tiles(const Stmt& body, const Target& target);

}  // namespace heddle
