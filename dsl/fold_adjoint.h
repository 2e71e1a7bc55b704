// dsl/fold_adjoint.h -- adjoints of reads through a boundary that moves indices inside.
//
// The read A[fold(M)] gives, first, an adjoint over the padded index space of M: a tensor of N + l + h elements in a
// dimension that M leaves by l at the low end and h at the high end. It is then folded, a dimension at a time:
//     circular    d[i] = p[i+l] + p[i+l+N] + p[i+l-N]
//     reflect     d[i] = p[i+l] + p[l-i] (1 <= i) + p[2*N-2-i+l] (i <= N-2)
//     symmetric   d[i] = p[i+l] + p[l-1-i] + p[2*N-1-i+l]
//     replicate   d[i] = p[i+l], and d[0] sums the l first elements of p, d[N-1] the h last
// with 0 for what is outside of p.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dsl/adjoint_tensor.h"

namespace heddle {

/// What reads of `of` through one folding mode contribute to its adjoint. The contributions' left sides are the reads'
/// indices, as written, before they are moved inside. `name` makes names for the tensors between.
std::vector<Contribution> folded_contributions(const AnyTensor& of, BoundaryMode mode,
                                               const std::vector<Contribution>& reads,
                                               const std::function<std::string(const std::string&)>& name,
                                               const SourceLocation& where);

}  // namespace heddle
