// tools/chosen_schedule.h -- the schedule that a command works with: the one given, else the recorded, else the
// default.
#pragma once

#include <string>

#include "tools/problem.h"

namespace heddle::tools {

struct ChosenSchedule {
    Schedule schedule;
    std::string source;  ///< "given", "default", "tuned, 1.2 ms a call", "database (stale: ...)"
};

/// `--default` passes over what is recorded.
ChosenSchedule chosen_schedule(const CommandLine& line, const Problem& problem, const Target& target);

/// The option --default, for the tables of subcommands.
OptionRow default_option();

}  // namespace heddle::tools
