// tests/ops/operator_gradients.h -- the gradients of uses of operators, for sweeps.
#pragma once

#include <string>
#include <vector>

#include "dsl/evaluate.h"
#include "tools/problem.h"

namespace heddle::test {

/// A use of an operator and its gradients by all inputs that hold floats, as `--grad all` derives them.
struct OperatorGradient {
    /// Inputs are pseudo-random, whole numbers where `integers`.
    explicit OperatorGradient(const std::string& use, std::uint64_t seed = 1, bool integers = false);

    std::string use;
    tools::Problem forward, derived;  ///< their pipelines are gathers, as the command compiles them
    std::vector<std::string> wrt;     ///< the inputs, in the order of derived's outputs
    NamedBuffers inputs;              ///< of the forward, and "dy"

    /// Those that derived reads.
    NamedBuffers derived_inputs() const;
    /// The gradients of sum(dy * first output) by evaluate() in double, in the order of `wrt`.
    std::vector<Buffer> evaluated() const;
    /// 0 where whole numbers give whole numbers.
    double tolerance() const;
};

/// The uses of operators (operator_uses.h) with an input and a first output of floats.
const std::vector<std::string>& differentiable_uses();
/// The use with f64 in the place of every other type of floats.
std::string in_double(std::string use);

}  // namespace heddle::test
