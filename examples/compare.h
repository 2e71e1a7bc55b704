// examples/compare.h -- how far two results lie apart, for the examples' own checks
#pragma once

#include <heddle/heddle.h>

#include <algorithm>
#include <cmath>

/// The largest difference between elements of two buffers of one shape; infinite where one of them is NaN.
inline double largest_difference(const heddle::Buffer& a, const heddle::Buffer& b) {
    double worst = 0;
    heddle::for_each_index(a.shape(), [&](const std::vector<std::int64_t>& index) {
        const double difference = std::abs(a.get(index) - b.get(index));
        worst = std::isnan(difference) ? INFINITY : std::max(worst, difference);
    });
    return worst;
}
