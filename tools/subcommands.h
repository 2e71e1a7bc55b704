// tools/subcommands.h -- the subcommands, one file each.
#pragma once

#include "tools/command_line.h"

namespace heddle::tools {

Subcommand list_subcommand();
Subcommand show_subcommand();
Subcommand run_subcommand();
Subcommand check_subcommand();
Subcommand bench_subcommand();
Subcommand tune_subcommand();
Subcommand db_subcommand();
Subcommand report_subcommand();
Subcommand emit_subcommand();
Subcommand doctor_subcommand();
Subcommand demo_subcommand();

}  // namespace heddle::tools
