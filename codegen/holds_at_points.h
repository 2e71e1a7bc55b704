// codegen/holds_at_points.h -- deciding a condition over few points by trying them all.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dsl/interval.h"

namespace heddle {

/// Whether `test` holds at every point of its symbols' ranges at which those of the `facts` hold that speak of these
/// symbols alone, or of few more. Nothing, where there are more than `most` points, a symbol without a range, or values
/// from memory.
std::optional<bool> holds_at_points(const Expr& test, const std::vector<Expr>& facts, const Ranges& ranges,
                                    std::int64_t most);

}  // namespace heddle
