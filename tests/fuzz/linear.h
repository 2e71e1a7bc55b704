// tests/fuzz/linear.h -- is a draft's last output a linear function of an input?
#pragma once

#include <string>

#include "tests/fuzz/draft.h"

namespace heddle::fuzz {

/// Sums of products, each with the input in at most one factor, directly or through other stages; false in doubt.
bool is_linear_in(const Draft& draft, const std::string& input);

}  // namespace heddle::fuzz
