// schedules/compare.h -- results against the oracle: points to look at, errors, tolerances.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dsl/evaluate.h"
#include "dsl/pipeline.h"
#include "runtime/buffer.h"
#include "schedules/schedule.h"

namespace heddle {

using Point = std::vector<std::int64_t>;

/// Corners, both sides of tile edges (of the schedule's factors), and `count` random points of a shape; all points
/// where the shape has no more than that. Without repeats.
std::vector<Point> oracle_points(const std::vector<std::int64_t>& shape, const Schedule& schedule, int count,
                                 std::uint64_t seed);

/// True when whole numbers stay whole: only sums, products, comparisons, min, max and the like.
bool is_exact_on_integers(const Pipeline& pipeline);
/// Largest relative L2 error of a correct result of this type, of the accuracy class of the pipeline's tensors; of
/// integers 0.
double tolerance_of(const Pipeline& pipeline, ScalarType output);
/// The same of the code that a schedule makes, in which an atom can be of a looser class. Throws UserError for an
/// illegal schedule.
double tolerance_of(const Pipeline& pipeline, const Schedule& schedule, const Target& target, ScalarType output);

struct Comparison {
    std::int64_t elements = 0;
    double relative_l2 = 0;          ///< |result - expected| / |expected|; of equal infinities and NaNs 0
    std::int64_t different = 0;      ///< elements that are not equal to the last bit
    std::optional<Point> worst;      ///< where the difference is largest; nothing when all are equal
    double found = 0, expected = 0;  ///< at the worst
};
/// Elements at `points`; `expected` in the same order, rounded to the buffer's type here.
Comparison compare(const Buffer& result, const std::vector<Point>& points, const std::vector<double>& expected);
/// All elements.
Comparison compare(const Buffer& result, const Buffer& expected);

}  // namespace heddle
