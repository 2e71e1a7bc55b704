// schedules/search.h -- strategies that choose what to measure next; they see the space and the results alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedules/measurement.h"
#include "schedules/tuning_space.h"

namespace heddle {

/// Seconds that a candidate is expected to take, before anything is compiled; infinity: it cannot run. A constant where
/// nothing is known. Called by several threads at once.
using Prediction = std::function<double(const Candidate&)>;
/// Of all of them, side by side on the threads of the pool.
std::vector<double> predict_all(const Prediction& predict, const std::vector<Candidate>& candidates);

/// Results may be told in any order and late: several candidates can be under way at once.
class Search {
public:
    virtual ~Search() = default;
    /// A candidate that was not given before, the space's preferred one first. Nothing: none is left that is worth a
    /// trial.
    virtual std::optional<Candidate> next() = 0;
    /// A candidate that is measured though next() did not give it; it will not.
    virtual void note(const Candidate& candidate) = 0;
    /// How a candidate did that next() gave, or note() was told of.
    virtual void tell(const Candidate& candidate, const Measurement& measurement) = 0;
};

/// "random" draws uniformly from the legal candidates. "evolution" breeds from the fastest and measures what the
/// prediction, corrected by what was measured, ranks first, with some random picks; it ends when everything else is
/// predicted slower than the best by more than predictions were wrong. Both keep a reference to `space`. Throws
/// UserError that lists the names for another.
std::unique_ptr<Search> make_search(std::string_view name, const TuningSpace& space, std::uint64_t seed,
                                    Prediction predict);
/// "evolution", "random": the default first.
std::vector<std::string> search_names();

/// The strategies; a file each.
std::unique_ptr<Search> random_search(const TuningSpace& space, std::uint64_t seed, Prediction predict);
std::unique_ptr<Search> evolutionary_search(const TuningSpace& space, std::uint64_t seed, Prediction predict);

}  // namespace heddle
