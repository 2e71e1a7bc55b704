// dsl/reduction_adjoint.h -- how an update passes its result's adjoint on to each value that it combined.
//
//     =, +=       the adjoint itself
//     max=, min=  the adjoint where the value is the winner: its position, in the smallest type that holds it, is saved
//                 beside the forward (the first of equal ones; a NaN beats any number, and the last NaN wins)
//     tuples      argmax: the value at the winner's position; sums of components: as `+=`; (maximum, sum of
//                 exponentials): the exponential, and what is left over at the winner
//     *=, others  the derivative of combine(value, rest), where `rest` combines all other values: a definition with as
//                 many points as there are pairs
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dsl/pipeline.h"

namespace heddle {

struct ReductionAdjoint {
    const PipelineStage& stage;
    std::vector<Expr> adjoints;  ///< of the result, a component each, at the definition's left; undefined: none
    bool shift = false;          ///< the first component is read by stop_gradient alone: it does not change values
    std::function<std::string(const std::string&)> name;  ///< makes names of tensors
};

/// The adjoint of each right side at a point of the domain; undefined where there is none. Throws UserError for updates
/// of this kind that have no derivative here, and says what to write.
std::vector<Expr> adjoints_of_values(const ReductionAdjoint& reduction);

}  // namespace heddle
