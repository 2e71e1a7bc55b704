// codegen/scalar_helpers.h -- functions in plain CUDA C++ that emitted expressions call: conversions, floor division.
#pragma once

#include <set>
#include <string>

namespace heddle {

/// The texts of these helpers, each followed by an empty line. What needs hardware instructions stands in
/// device_helpers.h.
std::string scalar_helpers(const std::set<std::string>& names);

}  // namespace heddle
