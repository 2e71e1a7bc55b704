// runtime/shipped_folder.h -- where the files lie that come with Heddle: tuned schedules, learned models.
#pragma once

#include <filesystem>
#include <optional>

namespace heddle {

/// `HEDDLE_SHARE`, else share/heddle beside the folder of this library (or of the program that has it inside). Nothing
/// where there is no such folder, or the variable is empty.
std::optional<std::filesystem::path> shipped_folder();

}  // namespace heddle
