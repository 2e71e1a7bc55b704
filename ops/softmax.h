// ops/softmax.h -- softmax and its logarithm over one dimension, as PyTorch's.
#pragma once

#include <string>

#include "dsl/tensor.h"

namespace heddle {

/// exp(x - m) / sum of exp(x - m) over dimension `dim` (negative: counted from the end), m the largest of them, so that
/// nothing overflows. Throws UserError for a dimension that x does not have, and an x of integers.
AnyTensor softmax(const AnyTensor& x, int dim = -1, std::string name = "y",
                  const CallSite& where = CallSite::current());
/// x - m - log(sum of exp(x - m)).
AnyTensor log_softmax(const AnyTensor& x, int dim = -1, std::string name = "y",
                      const CallSite& where = CallSite::current());

}  // namespace heddle
