// schedules/tuner.h -- the search for a good schedule; measuring comes from above as a function.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "schedules/search.h"

namespace heddle {

/// Seconds of the clock.
struct MeasureTimes {
    double compiling = 0, timing = 0;  ///< timing: checks of results, too
};

/// Schedules to measure side by side, each legal.
struct MeasureRequest {
    std::vector<Schedule> schedules;
    /// The fastest so far, seconds a call: what is far slower need not be timed precisely.
    double best = std::numeric_limits<double>::infinity();
    /// What takes `best`. Timed again beside the others, whose seconds then count by their ratio to it: so that none is
    /// taken for faster because the machine was.
    std::optional<Schedule> leader = {};
    /// Called once for each as it is known: its position, and how it did.
    std::function<void(std::size_t, const Measurement&)> done;
    /// Polled; once true, the rest is left unmeasured.
    std::function<bool()> stop = {};
    MeasureTimes* spent = nullptr;  ///< what was spent is added, where it is known
};
/// Compiles, checks and times; what is wrong with a candidate is told, what is wrong with all of them thrown.
using Measure = std::function<void(const MeasureRequest&)>;
/// One after the other by a function of a schedule and of the fastest so far.
Measure measure_each(std::function<Measurement(const Schedule&, double best)> measure);

struct TuningProgress {
    int trials = 0, failures = 0;
    double elapsed = 0;
    double best = 0;  ///< seconds a call; infinity when none
    const TuningRecord& last;
};

struct TuningOptions {
    double seconds = 20;               ///< budget; at least one candidate is tried
    int trials = 0;                    ///< at most this many candidates; 0: no limit
    std::string search = "evolution";  ///< search_names()
    std::uint64_t seed = 1;
    std::size_t batch = 1;  ///< candidates to measure side by side
    std::string versions;   ///< provenance written into the records
    /// Goes on: what the database has of these versions counts as tried. Else its best are measured again first.
    bool resume = false;
    std::vector<std::string> start = {};  ///< texts of schedules to measure early, as of a similar problem
    /// Seconds that a schedule is expected to take, to choose by; none: nothing is known.
    std::function<double(const Schedule&)> predict = {};
    std::function<void(const TuningProgress&)> progress = {};  ///< after each trial
    /// Polled; true ends the search early.
    std::function<bool()> interrupted = {};
};

struct TuningResult {
    std::optional<TuningRecord> best;
    int trials = 0;
    int failures = 0;
    int known = 0;  ///< candidates that the database had, of a resumed search
    double seconds = 0;
    double choosing = 0;  ///< seconds of these in the search itself
    MeasureTimes spent;   ///< the same, of candidates before the finals
    bool interrupted = false;
    bool exhausted = false;  ///< the search saw nothing left before the budget was spent
};

/// The default first, then what other versions found best, then what the search gives; finals measure the best few
/// again, so that noise does not choose. Each trial is a row of the database (when given) as it happens. Throws
/// UserError for a budget of nothing and a space without choices.
TuningResult tune(const Pipeline& pipeline, const Target& target, const TuningSpace& space, const Measure& measure,
                  const TuningOptions& options, Database* database);

/// What a search expects of a candidate: infinity where its schedule is not legal, else by `seconds` where there is
/// one, else 1.
Prediction prediction_of(const Pipeline& pipeline, const Target& target, const TuningSpace& space,
                         std::function<double(const Schedule&)> seconds);

}  // namespace heddle
