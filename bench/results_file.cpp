// bench/results_file.cpp -- written beside its place, then renamed.
#include "bench/results_file.h"

#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/error.h"

namespace heddle::bench {

ResultsFile::ResultsFile(std::filesystem::path path) : path_(std::move(path)) {
    if (path_.empty()) return;
    const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
    if (access(folder.c_str(), W_OK) != 0 || std::filesystem::is_directory(path_))
        throw UserError(path_.string() + " cannot be written: give --json a file in a folder that can");
}

void ResultsFile::write(const nlohmann::ordered_json& results) const { write_text(results.dump(1)); }

void ResultsFile::write_text(const std::string& text) const {
    if (path_.empty()) return;
    const std::filesystem::path part = path_.string() + ".part";
    std::ofstream stream(part);
    stream << text << "\n";
    stream.close();
    std::error_code failed;
    if (stream) std::filesystem::rename(part, path_, failed);
    if (stream && !failed) return;
    std::filesystem::remove(part, failed);
    throw UserError(path_.string() + " cannot be written");
}

}  // namespace heddle::bench
