// tests/support/gradient_difference.h -- derived gradients beside what the output itself does, and compiled ones.
#pragma once

#include <string>
#include <vector>

#include "dsl/pipeline.h"
#include "schedules/target.h"

namespace heddle::test {

/// What is wrong with the gradients of a pipeline's last definition by all inputs of floats that it depends on; "" when
/// all is well. All inputs are whole random numbers, so that everything is exact:
/// - for each x of `linear_in`, in which the output y is linear but for a constant part, and a random v,
///   <dy, y(x + v) - y(x)> is <dx, v>;
/// - compiled for `target`, gradients are what evaluate() gives.
/// Throws UserError where gradient() refuses; whatever is refused afterwards is wrong.
std::string gradient_difference(const Pipeline& pipeline, const std::vector<std::string>& linear_in,
                                const Target& target = Target::host());

}  // namespace heddle::test
