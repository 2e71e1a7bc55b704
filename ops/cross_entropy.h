// ops/cross_entropy.h -- cross entropy of softmax(x) and a target, as PyTorch's.
#pragma once

#include <optional>
#include <string>

#include "dsl/tensor.h"

namespace heddle {

enum class LossReduction : std::uint8_t { none, mean, sum };

struct CrossEntropyOptions {
    LossReduction reduction = LossReduction::mean;
    std::int64_t ignore_index = -100;  ///< rows with this class take no part; of class indices only
    double label_smoothing = 0;        ///< share of the target that is spread evenly over all classes, in [0, 1]
};

/// loss[n] = -sum over c of weight[c] * target[n,c] * log_softmax(x)[n,c]. x: N C, or N C and further dimensions.
/// `target`: class indices (i32 or i64, N and the further dimensions; checked when the kernel runs) or probabilities (a
/// float tensor of x's shape). mean: of class indices divided by the sum of the weights of the targets that count, of
/// probabilities by the number of rows. The result has a number a row (none) or is one number.
/// Throws UserError for sizes that do not belong together, integers in x, and smoothing outside of [0, 1].
AnyTensor cross_entropy(const AnyTensor& x, const AnyTensor& target,
                        const std::optional<AnyTensor>& weight = std::nullopt, const CrossEntropyOptions& options = {},
                        std::string name = "y", const CallSite& where = CallSite::current());

}  // namespace heddle
