// codegen/run_time_sizes.cpp -- extents and shapes as numbers, once the run-time sizes are known.
#include "codegen/run_time_sizes.h"

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/error.h"

namespace heddle {

std::int64_t value_of(const Expr& extent, const RunTimeSizes& sizes) {
    if (const auto* constant = extent.as<IntImm>()) return constant->value;
    Substitution values;
    for (const auto& [symbol, value] : sizes) values[symbol] = Expr::integer(value);
    const Expr folded = simplify(substitute(extent, values));
    const auto* constant = folded.as<IntImm>();
    require(constant != nullptr, "an extent is known once all sizes are");
    return constant->value;
}

std::vector<std::int64_t> shape_of(const AnyTensor& tensor, const RunTimeSizes& sizes) {
    std::vector<std::int64_t> shape;
    for (const Extent& extent : tensor.shape()) shape.push_back(value_of(extent.expr(), sizes));
    return shape;
}

}  // namespace heddle
