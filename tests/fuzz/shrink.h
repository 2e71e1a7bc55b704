// tests/fuzz/shrink.h -- a failing case made smaller while it fails.
#pragma once

#include <functional>

#include "tests/fuzz/examine.h"

namespace heddle::fuzz {

/// All cases a step smaller: without a stage or a directive, with a smaller extent, a simpler index or value.
std::vector<Case> smaller(const Case& subject);

/// Steps to a smaller case that still fails, until none does or `tries` are spent.
Case shrink(Case subject, const std::function<bool(const Case&)>& fails, int tries = 400);

}  // namespace heddle::fuzz
