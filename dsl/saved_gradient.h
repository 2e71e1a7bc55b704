// dsl/saved_gradient.h -- gradients that are given results of the forward instead of computing them again.
//
// gradient() gives definitions over the inputs and the seed alone, so that a kernel of them computes again what it
// needs of the forward. Here the forward keeps what its gradient reads, and the gradient takes it as inputs:
//     softmax                 y                  dx = (dy - sum(dy * y)) * y
//     max pooling             y_at (one byte)    dx += select(y_at == offset, dy, 0)
//     layers in a row         what each passed on, and the winners of its extrema
#pragma once

#include <string>
#include <vector>

#include "dsl/pipeline.h"

namespace heddle {

struct SavedGradient {
    Pipeline forward;                ///< its outputs: the output, then what is saved
    Pipeline backward;               ///< its outputs: the gradients; its inputs: the seed and, by name, what is saved
    std::vector<std::string> saved;  ///< in the order of the forward's outputs
};

/// The gradients of gradient(output, wrt, seed), with saved results of the forward: all that they read, or those named.
/// Whether the seed or a result, what is read is an input of `backward`; what is not, is not.
/// Throws UserError as gradient() does, and for a name that is no result of the forward that the gradient reads.
///     const SavedGradient g = saved_gradient(y, {x});
///     Kernel forward = compile(g.forward), backward = compile(g.backward);
SavedGradient saved_gradient(const AnyTensor& output, const std::vector<AnyTensor>& wrt, const AnyTensor& seed = {},
                             const std::vector<std::string>& names = {});

}  // namespace heddle
