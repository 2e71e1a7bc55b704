// schedules/evolution.cpp -- search by mutation and crossover, ranked by a prediction that learns from results.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "runtime/random.h"
#include "schedules/residual_model.h"
#include "schedules/search.h"

namespace heddle {
namespace {

constexpr double random_share = 0.1;           ///< of picks that the ranking has no say in
constexpr double newcomers_share = 0.4;        ///< of a generation: drawn from the whole space
constexpr std::size_t generation = 32;         ///< candidates bred at a time
constexpr std::size_t first_generation = 512;  ///< the same where nothing was measured: the model alone chooses
constexpr int picks = 4;                       ///< made from one generation
constexpr int generations_to_end = 36;         ///< without anything worth a trial
constexpr std::size_t most_parents = 8, most_prospects = 192;
constexpr std::size_t kept_at_first = 128;   ///< of the first generation, by the model alone
constexpr std::size_t trials_to_trust = 40;  ///< before it may end because nothing looks worth a trial
constexpr double hope = 1;                   ///< deviations that a candidate may be faster than expected, for ranking
constexpr double margin = 2.5;               ///< the same, for ending
constexpr int most_repeats = 3000;           ///< draws in a row that were seen before: the space is exhausted
constexpr double failure_penalty = 1.0;      ///< log of how much slower than the median a failure counts
constexpr double infinity = std::numeric_limits<double>::infinity();

class Evolution : public Search {
public:
    Evolution(const TuningSpace& space, std::uint64_t seed, Prediction predict)
        : space_(space), random_(seed), predict_(std::move(predict)), correction_(space.knobs) {}

    std::optional<Candidate> next() override {
        if (!started_) {
            started_ = true;
            note(space_.preferred);
            return space_.preferred;
        }
        if (picks_left_ == 0 || prospects_.empty()) {
            breed();
            picks_left_ = picks;
        }
        for (int more = 0; nothing_left(); ++more) {
            if (more == generations_to_end || prospects_.empty()) return {};
            breed();
        }
        --picks_left_;
        std::size_t chosen = random_.below(prospects_.size());
        if (random_.unit() >= random_share)
            for (std::size_t i = 0; i < prospects_.size(); ++i)
                if (prospects_[i].after(hope) < prospects_[chosen].after(hope)) chosen = i;
        const Prospect prospect = prospects_[chosen];
        prospects_.erase(prospects_.begin() + static_cast<std::ptrdiff_t>(chosen));
        given_[prospect.candidate] = prospect.predicted;
        return prospect.candidate;
    }

    void note(const Candidate& candidate) override {
        met_.insert(candidate);
        std::erase_if(prospects_, [&](const Prospect& prospect) { return prospect.candidate == candidate; });
        const double predicted = predict_(candidate);
        given_[candidate] = std::isfinite(predicted) ? std::log(predicted) : 0;
    }

    void tell(const Candidate& candidate, const Measurement& m) override {
        const auto given = given_.find(candidate);
        if (given == given_.end()) return;
        if (m.status == TrialStatus::measured && m.seconds > 0) {
            const double value = std::log(m.seconds);
            correction_.add(candidate, value - given->second);
            const auto place = std::find_if(measured_.begin(), measured_.end(),
                                            [&](const auto& other) { return other.second > value; });
            measured_.insert(place, {candidate, value});
        } else if (!measured_.empty()) {
            correction_.add(candidate, measured_[measured_.size() / 2].second + failure_penalty - given->second);
        }
        given_.erase(given);
    }

private:
    /// All in logarithms of seconds.
    struct Prospect {
        Candidate candidate;
        double predicted = 0;                ///< without the correction
        ResidualModel::Estimate correction;  ///< as of its generation
        double after(double deviations) const {
            return predicted + correction.mean - deviations * correction.deviation;
        }
    };

    Candidate child() {
        if (measured_.empty() || random_.unit() < newcomers_share) return space_.sample(random_.state());
        const std::size_t parents = std::min(measured_.size(), most_parents);
        Candidate made = measured_[random_.below(parents)].first;
        const bool crossed = parents > 1 && random_.unit() < 0.4;
        if (crossed) {
            const Candidate& other = measured_[random_.below(parents)].first;
            for (std::size_t k = 0; k < made.size(); ++k)
                if (random_.unit() < 0.5) made[k] = other[k];
        }
        // Where few combinations are legal, a mixture is made legal by a step to a neighbour.
        if (space_.neighbour && !(crossed && space_.legal(made))) return space_.neighbour(made, random_.state());
        if (!crossed || random_.unit() < 0.5) mutate(made);
        return made;
    }

    /// One knob surely, others by chance; to a neighbour half of the time, because choices stand in order of size.
    void mutate(Candidate& candidate) {
        if (candidate.empty()) return;
        const std::size_t sure = random_.below(candidate.size());
        for (std::size_t k = 0; k < candidate.size(); ++k) {
            const auto choices = static_cast<int>(space_.knobs[k].choices.size());
            if (choices < 2 || (k != sure && random_.unit() > 1.0 / static_cast<double>(candidate.size()))) continue;
            if (random_.unit() < 0.5)
                candidate[k] = std::clamp(candidate[k] + (random_.unit() < 0.5 ? -1 : 1), 0, choices - 1);
            else
                candidate[k] = static_cast<int>(random_.below(static_cast<std::size_t>(choices)));
        }
    }

    void breed() {
        const std::size_t wanted = measured_.size() <= 1 ? first_generation : generation;
        int repeat = 0;
        for (std::size_t added = 0; added < wanted && repeat < most_repeats;) {
            std::vector<Candidate> bred;
            for (; added + bred.size() < wanted && repeat < most_repeats; ++repeat) {
                // Where breeding only repeats itself, the rest of the draws are from the whole space.
                Candidate candidate = repeat < static_cast<int>(8 * wanted) ? child() : space_.sample(random_.state());
                if (!space_.legal(candidate) || !met_.insert(candidate).second) continue;
                bred.push_back(std::move(candidate));
            }
            const std::vector<double> predicted = predict_all(predict_, bred);
            for (std::size_t i = 0; i < bred.size(); ++i) {
                if (!std::isfinite(predicted[i])) continue;
                prospects_.push_back({std::move(bred[i]), std::log(std::max(predicted[i], 1e-12)), {}});
                ++added;
            }
        }
        correction_.fit();
        for (Prospect& prospect : prospects_) prospect.correction = correction_.at(prospect.candidate);
        const std::size_t most = measured_.size() <= 1 ? kept_at_first : most_prospects;
        if (prospects_.size() <= most) return;
        std::stable_sort(prospects_.begin(), prospects_.end(),
                         [](const Prospect& a, const Prospect& b) { return a.after(hope) < b.after(hope); });
        for (std::size_t i = most; i < prospects_.size(); ++i)
            met_.erase(prospects_[i].candidate);  // it may come again, when more is known
        prospects_.resize(most);
    }

    /// True when every prospect is expected to be slower than the best measured, by more than predictions were off.
    bool nothing_left() const {
        if (prospects_.empty()) return true;
        if (measured_.size() < trials_to_trust) return false;
        double least = infinity;
        for (const Prospect& prospect : prospects_) least = std::min(least, prospect.after(margin));
        return least > measured_.front().second;
    }

    const TuningSpace& space_;
    Random random_;
    Prediction predict_;
    ResidualModel correction_;                            ///< of log(measured) - log(predicted)
    std::set<Candidate> met_;                             ///< given, in wait, or refused by the prediction
    std::vector<Prospect> prospects_;                     ///< not given yet
    std::vector<std::pair<Candidate, double>> measured_;  ///< with log(seconds); fastest first
    std::map<Candidate, double> given_;                   ///< under way, with log(predicted)
    int picks_left_ = 0;
    bool started_ = false;
};

}  // namespace

std::unique_ptr<Search> evolutionary_search(const TuningSpace& space, std::uint64_t seed, Prediction predict) {
    return std::make_unique<Evolution>(space, seed, std::move(predict));
}

}  // namespace heddle
