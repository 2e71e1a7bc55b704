// schedules/rank_correlation.h -- how well one list of numbers orders another.
#pragma once

#include <vector>

namespace heddle {

/// Spearman's coefficient: 1 where both have the same order, -1 where the opposite; equal numbers share their ranks.
/// NaN for lists with fewer than two different numbers. Throws InternalError for lists of different lengths.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace heddle
