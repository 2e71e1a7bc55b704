// tests/support/temporary_folder.h -- folders that are gone at the end of a test, and files in them.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "runtime/temporary_folder.h"

namespace heddle::test {

using heddle::TemporaryFolder;

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::filesystem::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

}  // namespace heddle::test
