// bench/results_file.h -- where results go as JSON: found writable before hours are spent, whole or not there.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tools/json_text.h"

namespace heddle::bench {

class ResultsFile {
public:
    /// No path: nothing is written. Throws UserError when the folder does not exist or cannot be written to.
    explicit ResultsFile(std::filesystem::path path);
    /// Replaces the file. Throws UserError when that fails.
    void write(const tools::Json& results) const { write_text(results.text()); }
    void write(const nlohmann::ordered_json& results) const;
    void write_text(const std::string& text) const;

private:
    std::filesystem::path path_;
};

}  // namespace heddle::bench
