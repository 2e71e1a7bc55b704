// tools/db_actions.h -- the actions of heddle db, in groups.
#pragma once

#include <vector>

#include "tools/command_line.h"

namespace heddle::tools {

/// Options that say which key: those of a problem, and --db.
std::vector<OptionRow> key_options();
/// list, show, best, verify.
std::vector<Subcommand> looking_actions();
/// export, import, merge, prune.
std::vector<Subcommand> moving_actions();
/// train.
Subcommand training_action();

}  // namespace heddle::tools
