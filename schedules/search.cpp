// schedules/search.cpp -- strategies by name, and the random one.
#include "schedules/search.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

#include "runtime/error.h"
#include "runtime/random.h"
#include "runtime/text.h"

namespace heddle {
namespace {

constexpr int most_repeats = 2000;  ///< draws in a row that were seen before: the space is exhausted

class RandomSearch : public Search {
public:
    RandomSearch(const TuningSpace& space, std::uint64_t seed, Prediction predict)
        : space_(space), random_(seed), predict_(std::move(predict)) {}

    std::optional<Candidate> next() override {
        if (given_.insert(space_.preferred).second) return space_.preferred;
        for (int repeat = 0; repeat < most_repeats; ++repeat) {
            Candidate candidate = space_.sample(random_.state());
            if (given_.insert(candidate).second && std::isfinite(predict_(candidate))) return candidate;
        }
        return {};
    }
    void tell(const Candidate&, const Measurement&) override {}

private:
    const TuningSpace& space_;
    Random random_;
    Prediction predict_;
    std::set<Candidate> given_;
};

}  // namespace

std::unique_ptr<Search> random_search(const TuningSpace& space, std::uint64_t seed, Prediction predict) {
    return std::make_unique<RandomSearch>(space, seed, std::move(predict));
}

std::vector<std::string> search_names() { return {"evolution", "random"}; }

std::unique_ptr<Search> make_search(std::string_view name, const TuningSpace& space, std::uint64_t seed,
                                    Prediction predict) {
    if (name == "random") return random_search(space, seed, std::move(predict));
    if (name == "evolution") return evolutionary_search(space, seed, std::move(predict));
    throw UserError(fmt::format("there is no search '{}'; there are {}{}", name, join(search_names(), ", "),
                                did_you_mean(std::string(name), search_names())));
}

}  // namespace heddle
