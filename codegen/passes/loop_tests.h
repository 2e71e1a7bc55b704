// codegen/passes/loop_tests.h -- the iterations of a loop in which all tests of its body hold.
#pragma once

#include <cstdint>
#include <utility>

#include "codegen/stmt.h"
#include "dsl/interval.h"

namespace heddle {

/// The iterations [first, second) of a loop with constant ends in which every test that its variable takes part in
/// holds, whatever the loops around (with these ranges) and inside are at. Tests that no range decides do not count.
std::pair<std::int64_t, std::int64_t> interior_of(const For& loop, Ranges around);

}  // namespace heddle
