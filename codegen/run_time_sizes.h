// codegen/run_time_sizes.h -- extents and shapes as numbers, once the run-time sizes are known.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "dsl/tensor.h"

namespace heddle {

using RunTimeSizes = std::map<Symbol, std::int64_t>;

/// InternalError when `extent` needs a size that is not among them.
std::int64_t value_of(const Expr& extent, const RunTimeSizes& sizes);
std::vector<std::int64_t> shape_of(const AnyTensor& tensor, const RunTimeSizes& sizes);

}  // namespace heddle
