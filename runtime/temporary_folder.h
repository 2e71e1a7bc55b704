// runtime/temporary_folder.h -- a folder for files that nobody needs afterwards.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "runtime/error.h"

namespace heddle {

/// Made in the system's folder for such, and removed with everything in it at the end. Throws UserError where none can
/// be made.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "heddle_").string() + std::string(6, 'X');
        if (::mkdtemp(name.data()) == nullptr) throw UserError("no temporary folder can be made: " + name);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace heddle
