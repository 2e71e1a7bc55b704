// tools/load.h -- operators from plugins: shared libraries that heddle/plugin.h describes.
#pragma once

#include <string>

#include "tools/command_line.h"

namespace heddle::tools {

/// Adds the operators of a plugin to the table; a file that was loaded before adds nothing. A file without '/' is one
/// of this folder. Throws UserError for a file that is not there, cannot be loaded, crashes as it is loaded, is no
/// plugin, was built for another version or with another libheddle, and for operators that cannot be added.
void load_plugin(const std::string& file);
/// All that `--load` names.
void load_plugins(const CommandLine& line);
/// The option --load, for the tables of subcommands.
OptionRow load_option();

}  // namespace heddle::tools
