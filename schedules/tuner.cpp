// schedules/tuner.cpp -- random search without repeats, then finals among the best.
#include "schedules/tuner.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <deque>
#include <limits>
#include <map>

#include "schedules/loop_nest.h"

namespace heddle {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double search_share = 0.85;  ///< of the budget; the rest is for the finals
constexpr double hopeless = 1.5;       ///< times the best: not worth timing precisely
constexpr std::size_t finalists = 4;
constexpr std::size_t most_finalists = 8;
constexpr int final_rounds = 3;
constexpr std::size_t stale_first = 4;  ///< the best schedules of other versions that are measured again
constexpr int most_repeats = 2000;      ///< draws in a row that were seen before: the space is exhausted

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

class Search {
public:
    Search(const Pipeline& pipeline, const Target& target, const TuningSpace& space, const Measure& measure,
           const TuningOptions& options, Database* database)
        : pipeline_(pipeline),
          target_(target),
          space_(space),
          measure_(measure),
          options_(options),
          database_(database),
          key_(TuningKey::of(pipeline, target)),
          random_(options.seed) {}

    TuningResult run() {
        recall();
        queue_.push_front(space_.schedule(space_.preferred));
        do {
            const std::optional<Schedule> schedule = next();
            if (!schedule) break;
            try_one(*schedule);
        } while (!stopped() && elapsed() < search_share * options_.seconds &&
                 (options_.trials == 0 || result_.trials < options_.trials));
        hold_finals();
        result_.seconds = elapsed();
        if (const TuningRecord* record = best()) result_.best = *record;
        return result_;
    }

private:
    double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

    bool stopped() {
        if (options_.interrupted && options_.interrupted()) result_.interrupted = true;
        return result_.interrupted;
    }

    /// What the database knows: results of these versions count as tried, the best of others are tried early.
    void recall() {
        if (!database_) return;
        std::vector<TuningRecord> stale;
        for (TuningRecord& record : database_->all(key_)) {
            if (record.versions == options_.versions)
                known_[record.schedule] = std::move(record);
            else if (record.status == TrialStatus::measured)
                stale.push_back(std::move(record));
        }
        std::stable_sort(stale.begin(), stale.end(),
                         [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
        for (const TuningRecord& record : stale)
            if (queue_.size() < stale_first && !known_.count(record.schedule)) remember(record.schedule);
    }

    void remember(const std::string& text) {
        try {
            const Schedule schedule = parse_schedule(text);
            if (std::find(queue_.begin(), queue_.end(), schedule) == queue_.end()) queue_.push_back(schedule);
        } catch (const UserError&) {
            // Another version wrote what this one does not read: there is nothing to measure.
        }
    }

    std::optional<Schedule> next() {
        if (!queue_.empty()) {
            const Schedule schedule = queue_.front();
            queue_.pop_front();
            return schedule;
        }
        for (int repeat = 0; repeat < most_repeats; ++repeat) {
            Schedule schedule = space_.schedule(space_.sample(random_));
            if (!known_.count(print(schedule))) return schedule;
        }
        return {};
    }

    Measurement measure_one(const Schedule& schedule, double give_up_after) const {
        LoopNest nest;
        if (const auto refusal = apply(schedule, pipeline_, target_, nest))
            return {TrialStatus::illegal, refusal->reason, 0, 0, 0};
        return measure_(schedule, give_up_after);
    }

    const TuningRecord& keep(const Schedule& schedule, const Measurement& m) {
        TuningRecord record{key_,     print(schedule), m.status,          m.reason,          m.seconds,
                            m.spread, m.repetitions,   options_.versions, std::time(nullptr)};
        if (database_) database_->add(record);
        TuningRecord& kept = known_[record.schedule];
        kept = std::move(record);
        return kept;
    }

    void try_one(const Schedule& schedule) {
        const TuningRecord* before = best();
        const TuningRecord& record =
            keep(schedule, measure_one(schedule, before ? before->seconds * hopeless : infinity));
        ++result_.trials;
        if (record.status != TrialStatus::measured) ++result_.failures;
        const TuningRecord* leader = best();
        if (options_.progress)
            options_.progress(result_.trials, elapsed(), leader ? leader->seconds : infinity, record);
    }

    /// All measured records, fastest first.
    std::vector<const TuningRecord*> ranking() const {
        std::vector<const TuningRecord*> ranked;
        for (const auto& [text, record] : known_)
            if (record.status == TrialStatus::measured) ranked.push_back(&record);
        std::stable_sort(ranked.begin(), ranked.end(), [](auto a, auto b) { return a->seconds < b->seconds; });
        return ranked;
    }
    const TuningRecord* best() const {
        const TuningRecord* fastest = nullptr;
        for (const auto& [text, record] : known_)
            if (record.status == TrialStatus::measured && (!fastest || record.seconds < fastest->seconds))
                fastest = &record;
        return fastest;
    }

    /// The best few again, in turns; then any other that still looks faster than the winner.
    void hold_finals() {
        std::vector<std::string> done;
        std::vector<std::string> round;
        for (const TuningRecord* record : ranking())
            if (round.size() < finalists) round.push_back(record->schedule);
        if (round.size() < 2) return;
        while (!round.empty() && !stopped()) {
            if (!run_round(round)) return;
            done.insert(done.end(), round.begin(), round.end());
            round.clear();
            const TuningRecord* leader = best();
            if (leader && done.size() < most_finalists &&
                std::find(done.begin(), done.end(), leader->schedule) == done.end())
                round.push_back(leader->schedule);
        }
    }

    /// False when the user stopped it: nothing is recorded then.
    bool run_round(const std::vector<std::string>& texts) {
        std::map<std::string, std::vector<Measurement>> measured;
        for (int turn = 0; turn < final_rounds; ++turn)
            for (const std::string& text : texts) {
                if (stopped()) return false;
                measured[text].push_back(measure_one(parse_schedule(text), infinity));
            }
        for (const auto& [text, turns] : measured) {
            Measurement total;
            std::vector<double> seconds, spreads;
            for (const Measurement& m : turns) {
                if (m.status != TrialStatus::measured) {
                    total.status = m.status;
                    total.reason = m.reason;
                }
                seconds.push_back(m.seconds);
                spreads.push_back(m.spread);
                total.repetitions += m.repetitions;
            }
            total.seconds = median(seconds);
            total.spread = median(spreads);
            keep(parse_schedule(text), total);
        }
        return true;
    }

    const Pipeline& pipeline_;
    const Target& target_;
    const TuningSpace& space_;
    const Measure& measure_;
    const TuningOptions& options_;
    Database* database_;
    TuningKey key_;
    std::uint64_t random_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::deque<Schedule> queue_;
    std::map<std::string, TuningRecord> known_;  ///< the last record of each schedule, by its text
    TuningResult result_;
};

}  // namespace

TuningResult tune(const Pipeline& pipeline, const Target& target, const TuningSpace& space, const Measure& measure,
                  const TuningOptions& options, Database* database) {
    return Search(pipeline, target, space, measure, options, database).run();
}

}  // namespace heddle
