// ops/operator_rows.h -- the rows of the table of operators, a function each.
#pragma once

#include "ops/registry.h"

namespace heddle {

OperatorRow conv2d_row();

}  // namespace heddle
