// schedules/tuner.h -- the search for a good schedule; measuring comes from above as a function.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "schedules/measurement.h"
#include "schedules/tuning_space.h"

namespace heddle {

/// Compiles, checks and times one schedule; reports failures in the result, throws only for the user's interrupt.
/// `give_up_after` is a time (seconds a call) past which a candidate need not be timed precisely.
using Measure = std::function<Measurement(const Schedule& schedule, double give_up_after)>;

struct TuningOptions {
    double seconds = 20;  ///< budget; at least one candidate is tried
    int trials = 0;       ///< at most this many candidates; 0: no limit
    std::uint64_t seed = 1;
    std::string versions;  ///< provenance written into the records
    /// Called after each trial: done so far, best so far (seconds a call; infinity when none), the trial.
    std::function<void(int trials, double elapsed, double best, const TuningRecord& last)> progress;
    /// Polled between trials; true ends the search early.
    std::function<bool()> interrupted;
};

struct TuningResult {
    std::optional<TuningRecord> best;
    int trials = 0;
    int failures = 0;
    double seconds = 0;
    bool interrupted = false;
};

/// Random search without repeats: the default first, then candidates of the space; finals re-measure the best few
/// interleaved, so that noise does not choose. Each trial is a row of the database (when given) as it happens.
TuningResult tune(const Pipeline& pipeline, const Target& target, const TuningSpace& space, const Measure& measure,
                  const TuningOptions& options, Database* database);

}  // namespace heddle
