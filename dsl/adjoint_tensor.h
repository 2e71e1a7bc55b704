// dsl/adjoint_tensor.h -- the adjoint of one tensor, from what its readers contribute.
#pragma once

#include <string>
#include <vector>

#include "dsl/definition.h"

namespace heddle {

/// `left += right` over a domain.
struct Contribution {
    std::vector<Expr> left;
    Expr right;
    std::vector<DomainVar> domain;
};

/// A tensor of the type and shape of `of` that sums the contributions: each as a gather where it can be one; those that
/// are elementwise in one `=`.
AnyTensor adjoint_tensor(const std::string& name, const AnyTensor& of, const std::vector<Contribution>& contributions,
                         const SourceLocation& where);

}  // namespace heddle
