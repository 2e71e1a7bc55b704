// bench/searches.h -- layers to search on, a search with its course, and schedules timed beside each other.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "codegen/tune.h"
#include "tools/problem.h"

namespace heddle::bench {

struct SearchLayer {
    std::string name;
    tools::Problem problem;
};
/// The rows of a suite's file, those of bench/layers/tuning.json where there is none; of these the named ones, in that
/// order, or all. Throws UserError for a file that is no suite, and names that it does not have.
std::vector<SearchLayer> search_layers(const std::filesystem::path& file, const std::vector<std::string>& names);

/// A trial that was faster than all before.
struct SearchStep {
    int trials = 0;
    double elapsed = 0, seconds = 0;
    std::string schedule;
};
struct SearchCourse {
    std::vector<SearchStep> steps;
    TuningResult result;
    /// The best schedule once so many seconds were over; empty before the first trial.
    std::string best_at(double elapsed) const;
    /// The best after finals; empty where nothing could be measured.
    std::string best() const { return result.best ? result.best->schedule : ""; }
};
/// Under a progress bar; `options.progress` is filled in.
SearchCourse search_on(const SearchLayer& layer, const Target& target, const NamedBuffers& inputs,
                       TuningOptions options, Database* database = nullptr);

/// Medians of schedules by their text, timed in turns; empty texts and what fails are left out.
std::map<std::string, double> race(const SearchLayer& layer, const Target& target, const NamedBuffers& inputs,
                                   const std::vector<std::string>& schedules);

}  // namespace heddle::bench
