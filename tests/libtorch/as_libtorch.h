// tests/libtorch/as_libtorch.h -- what evaluate() gives, beside what libtorch gives.
#pragma once

#include <string>

#include "dsl/evaluate.h"
#include "tests/ops/operator_gradients.h"
#include "tools/problem.h"

namespace heddle::test {

/// Fails unless all outputs have libtorch's shapes, types and, within rounding, values. `use` is the problem's.
void expect_as_libtorch(const std::string& use, const tools::Problem& problem, const NamedBuffers& inputs);
/// Fails unless the gradients by all inputs that libtorch differentiates by have its shapes, types and, within
/// rounding, values.
void expect_as_libtorch(const OperatorGradient& gradient);

}  // namespace heddle::test
