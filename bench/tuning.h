// bench/tuning.h -- how soon tuning finds what a long search finds, and what a near shape's record saves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/searches.h"

namespace heddle::bench {

struct TuningCurveOptions {
    std::vector<SearchLayer> layers;
    std::vector<double> marks = {1, 2, 5, 10, 20};  ///< seconds; the search ends with the last
    double long_seconds = 120;                      ///< of the search that gives the best known
    std::string search = "evolution";
    std::string target = "host";
    std::filesystem::path json;  ///< to write results to; empty: none
};

/// For each layer a long search, and one whose best schedule is noted at each mark; then all of these are timed in
/// turns, beside the default schedule. Prints a row a layer: the best known's time over that of each, the trials, and
/// where the time went.
void run_tuning_curves(const TuningCurveOptions& options);

/// For each layer a search from nothing, then one that starts from the record of the nearest of the other layers.
/// Prints how much slower than the best that record's schedule is as it is, and how many trials both took to come
/// within 5% of the best. Of `options` the last mark is the time of a search.
void run_tuning_transfer(const TuningCurveOptions& options);

}  // namespace heddle::bench
