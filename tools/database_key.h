// tools/database_key.h -- which database a command works on, and which of its keys.
#pragma once

#include <string>

#include "schedules/record.h"
#include "tools/command_line.h"

namespace heddle::tools {

/// `--db FILE`, else the standard place.
std::filesystem::path database_path(const CommandLine& line);
/// The same, opened. Throws UserError where there is none yet.
Database open_database(const CommandLine& line);
/// The option --db, for the tables of subcommands.
OptionRow database_option();

/// A key's name: the first 8 digits of a hash, the same on every machine.
std::string short_name(const TuningKey& key);
/// The key that the words say: the first digits of its name, or an operator with its tensors (and --target, -e,
/// --grad). Throws UserError for a name that no key of the database has, or several.
TuningKey key_of(const CommandLine& line, const Database& database);
/// Whether the words say an operator or a definition rather than a key's name.
bool names_operator(const CommandLine& line);
/// The pipeline in one line of at most `width` characters.
std::string one_line(const std::string& pipeline, std::size_t width);

}  // namespace heddle::tools
