// tests/fuzz/linear.h -- the inputs of which a draft's tensors are linear functions.
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/draft.h"

namespace heddle::fuzz {

/// Inputs of floats in which all tensors are linear but for a constant part: sums of products, each with the input in
/// at most one factor, directly or through other stages. Left out in doubt.
std::vector<std::string> linear_inputs(const Draft& draft);

}  // namespace heddle::fuzz
