// bench/tuning.h -- how soon tuning finds what a long search finds.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/layers.h"

namespace heddle::bench {

struct TuningCurveOptions {
    std::vector<Layer> layers;
    ActivationLayout layout = ActivationLayout::nhwc;
    std::vector<double> marks = {1, 2, 5, 10, 20};  ///< seconds; the search ends with the last
    double long_seconds = 120;                      ///< of the search that gives the best known
    std::string search = "evolution";
    std::string target = "host";
    std::filesystem::path json;  ///< to write results to; empty: none
};

/// For each layer a long search, and one whose best schedule is noted at each mark; then all of these are timed in
/// turns. Prints a row a layer: the best known's time over that of each, and whether the last is within 5%.
void run_tuning_curves(const TuningCurveOptions& options);

}  // namespace heddle::bench
