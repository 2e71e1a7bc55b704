// runtime/log.h -- what Heddle says on standard error, as lines that begin with "heddle: ".
#pragma once

#include <string>

namespace heddle {

/// What a user should know although the run goes on. Silent under `HEDDLE_LOG=quiet`.
void log_warning(const std::string& message);
/// A warning said once in the life of the process for each key.
void log_once(const std::string& key, const std::string& message);
/// What was chosen and why; only under `HEDDLE_LOG=info`.
void log_info(const std::string& message);

}  // namespace heddle
