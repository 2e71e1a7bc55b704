// tests/ops/operator_uses.h -- uses of every operator, as on the command line, for sweeps.
#pragma once

#include <string>
#include <vector>

#include "dsl/pipeline.h"

namespace heddle::test {

/// "conv2d x=f32:2x4x9x11 w=f32:6x2x3x3 groups=2 stride=2,1": small tensors, odd options, every operator.
const std::vector<std::string>& operator_uses();
std::vector<std::string> words_of(const std::string& use);
Pipeline pipeline_of(const std::string& use);
/// "conv2d_3": for the names of parametrised tests.
std::string test_name(const std::string& use, std::size_t number);

}  // namespace heddle::test
