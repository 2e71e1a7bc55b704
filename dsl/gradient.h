// dsl/gradient.h -- gradients: definitions derived from definitions.
//
// For `out[L(v)] += e(A[M(v)], ...)` each read of A gives `dA[M(v)] += dout[L(v)] * de/dA` over the same box: a
// scatter in M, which becomes a gather over dA (dsl/invert_scatter.h). Adjoints of a tensor that is read several times
// add up. A derivative is defined up to rounding: 1 * x, x + 0 and the like are left out of it.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "dsl/pipeline.h"
#include "dsl/tensor.h"

namespace heddle {

/// The gradients of sum(seed * output) with respect to some tensors that the output is computed from: inputs, or
/// intermediates. Each is a tensor named after its own ("dx" of x), of its type and shape, defined from the pipeline's
/// tensors and the seed: compile it, print it, schedule it, or take its gradient, like any other.
/// `seed` has the output's shape; without one it is a new input, "dy" of y (pipeline.find("dy")).
/// Throws UserError for a tensor that holds integers or that the output does not depend on, and for an operation
/// without a derivative between them, naming it.
///     auto [dx, dw] = gradient(y, {x, w});
///     Kernel backward = compile({dx, dw});
std::vector<AnyTensor> gradient(const AnyTensor& output, const std::vector<AnyTensor>& wrt, const AnyTensor& seed = {});

template <std::size_t Count>
std::array<AnyTensor, Count> gradient(const AnyTensor& output, const AnyTensor (&wrt)[Count],
                                      const AnyTensor& seed = {}) {
    const std::vector<AnyTensor> found = gradient(output, std::vector<AnyTensor>(wrt, wrt + Count), seed);
    std::array<AnyTensor, Count> result;
    for (std::size_t i = 0; i < Count; ++i) result[i] = found[i];
    return result;
}

}  // namespace heddle
