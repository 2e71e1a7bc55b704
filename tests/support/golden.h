// tests/support/golden.h -- texts compared with files of tests/golden.
#pragma once

#include <filesystem>
#include <string>

namespace heddle::test {

/// Fails unless `text` equals tests/golden/<name>.txt; shows the first line that differs. With HEDDLE_UPDATE_GOLDENS=1
/// in the environment the file is written instead.
void expect_golden(const std::string& name, const std::string& text);
/// The same for any file.
void expect_file(const std::filesystem::path& path, const std::string& text);

}  // namespace heddle::test
