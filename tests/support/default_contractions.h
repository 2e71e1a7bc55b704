// tests/support/default_contractions.h -- products large enough for tensor cores, and the route of their default
// schedules.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace heddle::test {

struct Contraction {
    std::string name, text;
    std::vector<std::string> uses;  ///< that the schedule's text has
    int compute_capability = 90;
};
std::ostream& operator<<(std::ostream& out, const Contraction& one);

/// Of each route: boxes and warpgroups, threads' copies and warps, blocks that share the steps of tiles.
const std::vector<Contraction>& default_contractions();

}  // namespace heddle::test
