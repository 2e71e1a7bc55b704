// runtime/shipped_folder.cpp -- from the file that this code was loaded from up to its prefix.
#include "runtime/shipped_folder.h"

#include <cstdlib>

#include "runtime/shared_library.h"

namespace heddle {

std::optional<std::filesystem::path> shipped_folder() {
    std::error_code ignored;
    const auto there = [&](const std::filesystem::path& folder) {
        return std::filesystem::is_directory(folder, ignored);
    };
    if (const char* given = std::getenv("HEDDLE_SHARE")) {
        if (*given == '\0' || !there(given)) return {};
        return given;
    }
    const std::filesystem::path file = file_of_code(reinterpret_cast<const void*>(&shipped_folder));
    if (file.empty()) return {};
    // PREFIX/lib, PREFIX/lib/x86_64-linux-gnu or PREFIX/bin.
    const std::filesystem::path folder = file.parent_path();
    for (const auto& prefix : {folder.parent_path(), folder.parent_path().parent_path()})
        if (there(prefix / "share" / "heddle")) return prefix / "share" / "heddle";
    return {};
}

}  // namespace heddle
