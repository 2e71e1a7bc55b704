// ops/linear.h -- the linear layer, as PyTorch's.
#pragma once

#include <optional>
#include <string>

#include "dsl/tensor.h"

namespace heddle {

/// y[..., k] = bias[k] + sum over c of x[..., c] * w[k,c]. x has any number of dimensions, the last of which is C.
/// Throws UserError for sizes that do not belong together.
AnyTensor linear(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias = std::nullopt,
                 std::string name = "y", const CallSite& where = CallSite::current());

}  // namespace heddle
