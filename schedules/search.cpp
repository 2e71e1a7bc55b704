// schedules/search.cpp -- strategies by name, and the random one.
#include "schedules/search.h"

#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <mutex>
#include <set>
#include <utility>

#include "runtime/error.h"
#include "runtime/random.h"
#include "runtime/text.h"
#include "runtime/thread_pool.h"

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
    void note(const Candidate& candidate) override { given_.insert(candidate); }
    void tell(const Candidate&, const Measurement&) override {}

private:
    const TuningSpace& space_;
    Random random_;
    Prediction predict_;
    std::set<Candidate> given_;
};

/// What several threads work on; the first error of any of them.
struct Predictions {
    const Prediction& predict;
    const std::vector<Candidate>& candidates;
    std::vector<double> seconds;
    std::mutex mutex = {};
    std::exception_ptr error = nullptr;

    void work(std::int64_t begin, std::int64_t end) {
        try {
            for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
                seconds[i] = predict(candidates[i]);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!error) error = std::current_exception();
        }
    }
};

}  // namespace

std::vector<double> predict_all(const Prediction& predict, const std::vector<Candidate>& candidates) {
    Predictions all{predict, candidates, std::vector<double>(candidates.size())};
    const ThreadPool& pool = thread_pool();
    pool.parallel_for(
        pool.self, std::ssize(candidates),
        [](void* self, std::int64_t begin, std::int64_t end) { static_cast<Predictions*>(self)->work(begin, end); },
        &all);
    if (all.error) std::rethrow_exception(all.error);
    return std::move(all.seconds);
}

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
