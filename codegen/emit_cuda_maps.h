// codegen/emit_cuda_maps.h -- the tensor maps that a kernel takes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codegen/emit_cuda.h"

namespace heddle {

/// What identifies a map: its buffer's name, and all that it says of it.
std::string key_of(const TensorMapPlan& plan);

/// The recipe of a map over a buffer with these strides (i64 constants, in elements). Throws UserError where a view has
/// gaps that a box cannot have, and for what no device takes.
TensorMapParameter parameter_of(const TensorMapPlan& plan, const std::vector<Expr>& strides);

}  // namespace heddle
