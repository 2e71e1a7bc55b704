// schedules/key_distance.h -- how far the problem of one tuning record is from another.
#pragma once

#include "schedules/record.h"

namespace heddle {

/// 0 for equal keys. Of definitions that differ in sizes alone, on one target: the root of the sum of squares of the
/// logarithms (of base 2) of the ratios of the sizes of a definition's variables (or of a tensor), where that is most,
/// so that one size doubled is 1. Infinity for others: other
/// definitions, types, numbers inside of indices, targets. A size of 0 is as far from 1 as 2 is.
double key_distance(const TuningKey& a, const TuningKey& b);

}  // namespace heddle
