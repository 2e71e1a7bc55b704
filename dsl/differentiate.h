// dsl/differentiate.h -- one expression, backwards: what each of its reads contributes.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/expr.h"
#include "runtime/error.h"

namespace heddle {

/// A read and the adjoint of its value.
struct ReadAdjoint {
    Expr read;
    Expr adjoint;
};

/// The adjoints of all reads in `e` of tensors that are `active`, from the adjoint g of e, by the rules of
/// dsl/adjoint_rules.h; equal reads together. Conditions and indices are constants. `value` may give what stands for a
/// node that is used again (a saved result); undefined: the node itself.
/// Throws UserError at `where` for an operation without a derivative, and for integers, naming the tensor.
std::vector<ReadAdjoint> differentiate(const Expr& e, const Expr& g,
                                       const std::function<bool(const TensorNode&)>& active,
                                       const std::function<Expr(const Expr&)>& value, const std::string& stage,
                                       const SourceLocation& where);

}  // namespace heddle
