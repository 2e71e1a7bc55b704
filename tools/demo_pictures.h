// tools/demo_pictures.h -- the demo's pictures: a bank of filters and a small network on real images.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "schedules/compare.h"

namespace heddle::tools {

/// What one kernel did on the images.
struct PictureResult {
    std::string name;
    std::vector<std::string> definitions;
    double compile_seconds = 0, run_seconds = 0, evaluate_seconds = 0;
    Comparison found;  ///< all elements against evaluate()
    double tolerance = 0;
    bool right() const { return found.relative_l2 <= tolerance; }
};

struct Pictures {
    std::vector<PictureResult> results;
    std::int64_t images = 0;
    std::filesystem::path file;
};

/// Filters one image of each class, checks the results, and writes the contact sheet.
Pictures make_pictures(const std::filesystem::path& file);

}  // namespace heddle::tools
