// tools/demo_speed.h -- the demo's table: plain loops, default schedule, tuned schedule, in turns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/problem.h"

namespace heddle::tools {

struct Contestant {
    std::string name;
    double seconds = 0, spread = 0;  ///< median and interquartile range of a call
};
struct Contest {
    std::vector<Contestant> contestants;
    double operations = 0;
    double peak = 0;  ///< median of the measured FMA peak, operations a second
    int rounds = 0;
};

/// Times one after the other, round by round, the peak among them, so that what disturbs the machine disturbs all.
/// `problem` is a conv2d of x in NHWC and w in KRSC without bias and with `padding` on each side.
Contest hold_contest(const Problem& problem, int padding, const std::optional<Schedule>& tuned);
/// A table for a terminal.
std::string text_of(const Contest& contest);

}  // namespace heddle::tools
