// codegen/share_scratch.h -- intermediates that are never needed at once lie in the same memory.
#pragma once

#include <vector>

#include "codegen/build.h"

namespace heddle {

/// Lets an intermediate take the memory of another of its type and shape that no step needs any more when the first
/// step writes it: of the steps u1, u2, u3, ... of an iterated stencil every other one. Those that went to another's
/// memory are no scratch of the plan afterwards.
void share_scratch(PlanSteps& plan, const std::vector<AnyTensor>& intermediates);

}  // namespace heddle
