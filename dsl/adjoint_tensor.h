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
    std::vector<Expr> guarded = {};  ///< indices from data that may be out of range where `right` is 0
};

/// A tensor that sums the contributions: each as a gather where it can be one; those without a reduction in one `=`.
AnyTensor adjoint_tensor(const std::string& name, ScalarType type, const std::vector<Extent>& shape,
                         const std::vector<Contribution>& contributions, const SourceLocation& where);

/// An adjoint as a value at an element: a read of a tensor, a factor times one, or an expression that needs none.
struct AdjointValue {
    std::vector<Expr> at;  ///< variables, one a dimension
    Expr value;
};
/// The same sum, where it need not be a tensor: cheap elementwise sums are not stored, and what a single reduction
/// multiplies all its values with is multiplied after it.
AdjointValue adjoint_value(const std::string& name, ScalarType type, const std::vector<Extent>& shape,
                           const std::vector<Contribution>& contributions, const SourceLocation& where);

/// A tensor that holds the value, for readers that read it many times.
AnyTensor stored(const AdjointValue& value, const std::string& name, ScalarType type, const std::vector<Extent>& shape,
                 const SourceLocation& where);

/// Variables alone on the left are free, those absent from it are reduced, with the extents that they have.
Contribution with_kinds(const Contribution& contribution);

}  // namespace heddle
