// tools/tuning.h -- a search with its progress bar: what `tune` and the demo share.
#pragma once

#include <map>
#include <string>

#include "codegen/tune.h"
#include "tools/problem.h"
#include "tools/suite.h"

namespace heddle::tools {

struct TuningRequest {
    TuningOptions options;  ///< progress and interrupted are filled in
    WorkerOptions workers;
    SuitePlace place = {};  ///< of a suite: its bar goes on from layer to layer
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
/// What a search would see, with nothing measured: the knobs, how many candidates, and the first of them with their
/// predicted times.
std::string dry_run(const Problem& problem, const Target& target, const TuningRequest& request,
                    const Database& database, bool json);
/// A few lines: how many were tried, how fast the best is, and why others failed.
void print_outcome(const Problem& problem, const TuningOutcome& outcome);

}  // namespace heddle::tools
