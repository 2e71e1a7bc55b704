// codegen/passes/insert_checks.h -- a pass.
#pragma once

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Tests indices that come from data; on a checked target, every access, with the user's names.
Stmt insert_checks(const Stmt& body, const Target& target);

}  // namespace heddle
