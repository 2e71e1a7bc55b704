// tests/support/on_device.h -- compiled code of a CUDA device beside what evaluate() gives.
#pragma once

#include <optional>
#include <string>

#include "tests/support/compiled.h"

namespace heddle::test {

/// Whole random numbers for each input; a run-time size is 37, integers are not negative.
NamedBuffers whole_inputs(const Pipeline& pipeline);
/// Runs on the current device, on poisoned outputs: the first element that differs; "" when none does. No schedule:
/// the default one.
std::string difference_on_device(const Compiled& oracle, const std::optional<Schedule>& schedule, double tolerance);

}  // namespace heddle::test
