// ops/pad.h -- points added around a tensor, as PyTorch's pad.
#pragma once

#include <string>
#include <vector>

#include "dsl/tensor.h"

namespace heddle {

/// `amounts`: how many points to add before and after the last dimension, then before and after the one before it, and
/// so on: {left, right, top, bottom}. A negative one cuts points off (with `zero` and `constant`). The other dimensions
/// stay as they are.
/// Throws UserError for an odd number of amounts, more than two a dimension, a result of negative size, and more points
/// than the mode can fill (reflect: N - 1, symmetric and circular: N).
AnyTensor pad(const AnyTensor& x, const std::vector<int>& amounts, Boundary mode = {BoundaryMode::constant, 0},
              std::string name = "y", const CallSite& where = CallSite::current());

}  // namespace heddle
