// tools/tuning.h -- a search with its progress bar: what `tune` and the demo share.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "schedules/tuner.h"
#include "tools/problem.h"

namespace heddle::tools {

struct TuningRequest {
    double seconds = 20;
    int trials = 0;  ///< 0: no limit
    std::uint64_t seed = 1;
};

struct TuningOutcome {
    TuningResult result;
    double default_seconds = 0;  ///< of the default schedule, measured last; 0: it failed
    bool default_is_best = false;
    std::map<std::string, int> failures;  ///< how often each reason stood in the way
};

/// Searches with a progress bar on a terminal; the first Ctrl-C ends the search, with everything recorded.
TuningOutcome tune_with_progress(const Problem& problem, const Target& target, const TuningRequest& request,
                                 Database& database);
/// A few lines: how many were tried, how fast the best is, and why others failed.
void print_outcome(const Problem& problem, const TuningOutcome& outcome);

}  // namespace heddle::tools
