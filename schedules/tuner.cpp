// schedules/tuner.cpp -- batches of candidates from a search, recorded as they come in, then finals among the best.
#include "schedules/tuner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <deque>
#include <map>
#include <utility>

#include "dsl/print.h"
#include "runtime/error.h"
#include "schedules/lookup.h"
#include "schedules/loop_nest.h"
#include "schedules/nearest_candidate.h"

namespace heddle {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double finals_share = 0.2, most_finals_seconds = 4;  ///< of the budget
constexpr double overtime = 1.1;                               ///< of the budget, in which finals end
constexpr std::size_t finalists = 4;
constexpr std::size_t most_finalists = 12;
constexpr int final_turns = 7;             ///< at most, at least 3
constexpr double out = 1.05;               ///< times the fastest: takes no further turns
constexpr std::size_t recorded_first = 4;  ///< the best schedules of the database that are measured again

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

class Tuner {
public:
    Tuner(const Pipeline& pipeline, const Target& target, const TuningSpace& space, const Measure& measure,
          const TuningOptions& options, Database* database)
        : pipeline_(pipeline),
          target_(target),
          space_(space),
          measure_(measure),
          options_(options),
          database_(database),
          key_(TuningKey::of(pipeline, target)),
          search_(make_search(options.search, space, options.seed,
                              prediction_of(pipeline, target, space, options.predict))) {}

    TuningResult run() {
        recall();
        while (!over()) {
            const double before = elapsed();
            const std::vector<Entry> batch = next_batch();
            result_.choosing += elapsed() - before;
            if (batch.empty()) {
                result_.exhausted = true;
                break;
            }
            try_all(batch);
        }
        const std::vector<std::string> finalists = hold_finals();
        result_.seconds = elapsed();
        if (const TuningRecord* record = best_of(finalists)) result_.best = *record;
        return result_;
    }

private:
    /// A schedule with the candidates that make it; one that the database brought has none.
    struct Entry {
        Schedule schedule;
        std::string text;
        std::vector<Candidate> candidates = {};
    };

    double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

    bool interrupted() {
        if (options_.interrupted && options_.interrupted()) result_.interrupted = true;
        return result_.interrupted;
    }
    /// Of the search: interrupted, or out of budget.
    bool over() {
        if (interrupted()) return true;
        if (options_.trials > 0 && result_.trials >= options_.trials) return true;
        const double finals = std::min(finals_share * options_.seconds, most_finals_seconds);
        return result_.trials > 0 && elapsed() > options_.seconds - finals;
    }

    /// What the database knows: of a resumed search results of these versions count as tried, else the best of all
    /// versions are tried early.
    void recall() {
        for (const std::string& text : options_.start) remember(text);
        if (!database_) return;
        std::vector<TuningRecord> before;
        for (TuningRecord& record : database_->all(key_)) {
            record.schedule = text_here(record);
            if (options_.resume && record.versions == options_.versions)
                known_[record.schedule] = std::move(record);
            else if (record.status == TrialStatus::measured)
                before.push_back(std::move(record));
        }
        std::stable_sort(before.begin(), before.end(),
                         [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
        std::size_t taken = 0;
        for (const TuningRecord& record : before)
            if (taken < recorded_first && !known_.count(record.schedule)) taken += remember(record.schedule) ? 1 : 0;
    }

    /// Of a record, by the names that this pipeline has.
    std::string text_here(const TuningRecord& record) const {
        try {
            return print(schedule_of(record, pipeline_));
        } catch (const UserError&) {
            return record.schedule;
        }
    }

    bool remember(const std::string& text) {
        try {
            Schedule schedule = parse_schedule(text);
            LoopNest nest;
            if (apply(schedule, pipeline_, target_, nest)) return false;
            std::string printed = print(schedule);
            for (const Entry& entry : queue_)
                if (entry.text == printed) return false;
            queue_near(std::move(schedule), std::move(printed));
            return true;
        } catch (const UserError&) {
            return false;  // another version wrote what this one does not read: there is nothing to measure
        }
    }

    /// With the candidate that makes it, so that the search breeds from it; where there is none, the nearest follows.
    void queue_near(Schedule schedule, std::string text) {
        NearestCandidate near = nearest_candidate(space_, schedule);
        if (near.candidate == space_.preferred) near.candidate.clear();  // that comes first anyway
        queue_.push_back({std::move(schedule), std::move(text)});
        if (near.candidate.empty()) return;
        if (near.different > 0) {
            Schedule nearest = space_.schedule(near.candidate);
            LoopNest nest;
            if (apply(nearest, pipeline_, target_, nest)) return;
            std::string printed = print(nearest);
            queue_.push_back({std::move(nearest), std::move(printed)});
        }
        queue_.back().candidates.push_back(std::move(near.candidate));
    }

    /// The search's first candidate stands before what the database brought.
    std::vector<Entry> next_batch() {
        std::size_t room = std::max<std::size_t>(options_.batch, 1);
        if (options_.trials > 0) room = std::min(room, static_cast<std::size_t>(options_.trials - result_.trials));
        std::vector<Entry> batch;
        while (batch.size() < room) {
            if (started_ && !queue_.empty()) {
                Entry entry = std::move(queue_.front());
                queue_.pop_front();
                for (const Candidate& candidate : entry.candidates) search_->note(candidate);
                if (!known_.count(entry.text)) add(batch, std::move(entry));
                continue;
            }
            started_ = true;
            const std::optional<Candidate> candidate = search_->next();
            if (!candidate) break;
            Schedule schedule = space_.schedule(*candidate);
            std::string text = print(schedule);
            if (const auto known = known_.find(text); known != known_.end()) {
                if (!tried_.count(text)) ++result_.known;
                tell({*candidate}, known->second);
                if (interrupted()) return {};
            } else {
                add(batch, {std::move(schedule), std::move(text), {*candidate}});
            }
        }
        return batch;
    }
    static void add(std::vector<Entry>& batch, Entry entry) {
        for (Entry& other : batch)
            if (other.text == entry.text) {
                other.candidates.insert(other.candidates.end(), entry.candidates.begin(), entry.candidates.end());
                return;
            }
        batch.push_back(std::move(entry));
    }

    void tell(const std::vector<Candidate>& candidates, const TuningRecord& record) {
        for (const Candidate& candidate : candidates)
            search_->tell(candidate, {record.status, record.reason, record.seconds, record.spread, record.repetitions});
    }

    const TuningRecord& keep(const std::string& text, const Measurement& m) {
        TuningRecord record{key_,     text,          m.status,          m.reason,           m.seconds,
                            m.spread, m.repetitions, options_.versions, std::time(nullptr), written_};
        if (database_) database_->add(record);
        TuningRecord& kept = known_[record.schedule];
        kept = std::move(record);
        return kept;
    }

    void try_all(const std::vector<Entry>& batch) {
        MeasureRequest request;
        for (const Entry& entry : batch) request.schedules.push_back(entry.schedule);
        if (const TuningRecord* leader = best()) {
            request.best = leader->seconds;
            request.leader = parse_schedule(leader->schedule);
        }
        request.done = [&](std::size_t i, const Measurement& measurement) {
            const TuningRecord& record = keep(batch[i].text, measurement);
            tried_[record.schedule] = true;
            tell(batch[i].candidates, record);
            ++result_.trials;
            if (record.status != TrialStatus::measured) ++result_.failures;
            const TuningRecord* leader = best();
            if (options_.progress)
                options_.progress(
                    {result_.trials, result_.failures, elapsed(), leader ? leader->seconds : infinity, record});
        };
        request.stop = [&] { return over(); };
        request.spent = &result_.spent;
        measure_(request);
    }

    /// All measured records of this search, and of what it goes on from, fastest first.
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

    /// The fastest of those named, of all where none is.
    const TuningRecord* best_of(const std::vector<std::string>& texts) const {
        const TuningRecord* fastest = nullptr;
        for (const std::string& text : texts)
            if (const TuningRecord& record = known_.at(text);
                record.status == TrialStatus::measured && (!fastest || record.seconds < fastest->seconds))
                fastest = &record;
        return fastest ? fastest : best();
    }

    bool finals_over() { return interrupted() || elapsed() > overtime * options_.seconds; }

    /// The best few again, in turns; then any other that still looks faster than the winner, beside it. Returns those.
    std::vector<std::string> hold_finals() {
        std::vector<std::string> done;
        std::vector<std::string> round;
        for (const TuningRecord* record : ranking())
            if (round.size() < finalists) round.push_back(record->schedule);
        // What is taken without a record has its place: what wins should be no slower.
        const std::string by_default = print(space_.schedule(space_.preferred));
        if (const auto known = known_.find(by_default);
            known != known_.end() && known->second.status == TrialStatus::measured &&
            std::find(round.begin(), round.end(), by_default) == round.end())
            round.push_back(by_default);
        if (round.size() < 2) return {};
        while (!round.empty() && !finals_over()) {
            if (!run_round(round)) return done;
            for (const std::string& text : round)
                if (std::find(done.begin(), done.end(), text) == done.end()) done.push_back(text);
            const TuningRecord *leader = best(), *winner = best_of(done);
            round.clear();
            if (leader && done.size() < most_finalists &&
                std::find(done.begin(), done.end(), leader->schedule) == done.end())
                round = {winner->schedule, leader->schedule};
        }
        return done;
    }

    /// In turns of all, which fewer and fewer take part in: who is slower than the fastest by more than turns differ is
    /// out. False where time was over before each was measured once; then nothing counts.
    bool run_round(const std::vector<std::string>& texts) {
        std::vector<std::vector<Measurement>> turns(texts.size());
        std::vector<std::size_t> active(texts.size());
        for (std::size_t i = 0; i < active.size(); ++i) active[i] = i;
        bool whole = true;
        for (int turn = 0; turn < final_turns && whole; ++turn) {
            MeasureRequest request;
            for (const std::size_t i : active) request.schedules.push_back(parse_schedule(texts[i]));
            request.done = [&](std::size_t i, const Measurement& measurement) {
                turns[active[i]].push_back(measurement);
            };
            request.stop = [&] { return finals_over(); };
            measure_(request);
            whole = std::all_of(active.begin(), active.end(),
                                [&](std::size_t i) { return turns[i].size() > static_cast<std::size_t>(turn); });
            if (!whole || turn < 2) continue;
            double least = infinity;
            for (const std::size_t i : active) least = std::min(least, seconds_of(turns[i]));
            std::erase_if(active, [&](std::size_t i) { return seconds_of(turns[i]) > out * least; });
            if (active.size() == 1) break;
        }
        if (std::any_of(turns.begin(), turns.end(), [](const auto& list) { return list.empty(); })) return false;
        for (std::size_t i = 0; i < texts.size(); ++i) keep(texts[i], total_of(turns[i]));
        return true;
    }

    /// The lower quarter of turns: what else the machine does only adds to them.
    static double seconds_of(const std::vector<Measurement>& turns) {
        std::vector<double> seconds;
        for (const Measurement& m : turns) seconds.push_back(m.seconds);
        std::sort(seconds.begin(), seconds.end());
        return seconds[(seconds.size() - 1) / 4];
    }
    static Measurement total_of(const std::vector<Measurement>& turns) {
        Measurement total;
        std::vector<double> spreads;
        for (const Measurement& m : turns) {
            if (m.status != TrialStatus::measured) {
                total.status = m.status;
                total.reason = m.reason;
            }
            spreads.push_back(m.spread);
            total.repetitions += m.repetitions;
        }
        total.seconds = seconds_of(turns);
        total.spread = median(spreads);
        return total;
    }

    const Pipeline& pipeline_;
    const Target& target_;
    const TuningSpace& space_;
    const Measure& measure_;
    const TuningOptions& options_;
    Database* database_;
    TuningKey key_;
    std::string written_ = print(pipeline_);  ///< with the names that schedules use
    std::unique_ptr<Search> search_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    bool started_ = false;
    std::deque<Entry> queue_;
    std::map<std::string, TuningRecord> known_;  ///< the last record of each schedule, by its text
    std::map<std::string, bool> tried_;          ///< by this search
    TuningResult result_;
};

}  // namespace

Measure measure_each(std::function<Measurement(const Schedule&, double best)> measure) {
    return [measure = std::move(measure)](const MeasureRequest& request) {
        double best = request.best;
        for (std::size_t i = 0; i < request.schedules.size(); ++i) {
            const Measurement m = measure(request.schedules[i], best);
            if (m.status == TrialStatus::measured) best = std::min(best, m.seconds);
            request.done(i, m);
            if (request.stop && request.stop()) return;
        }
    };
}

Prediction prediction_of(const Pipeline& pipeline, const Target& target, const TuningSpace& space,
                         std::function<double(const Schedule&)> seconds) {
    return [&pipeline, &target, &space, seconds = std::move(seconds)](const Candidate& candidate) -> double {
        const Schedule schedule = space.schedule(candidate);
        if (seconds) return seconds(schedule);
        LoopNest nest;
        return apply(schedule, pipeline, target, nest) ? infinity : 1;
    };
}

TuningResult tune(const Pipeline& pipeline, const Target& target, const TuningSpace& space, const Measure& measure,
                  const TuningOptions& options, Database* database) {
    if (!(options.seconds > 0))
        throw UserError(fmt::format("tuning for {} s finds nothing: give it time, as 20 s", options.seconds));
    if (options.trials < 0)
        throw UserError(fmt::format("tuning with {} trials finds nothing: give it 1 or more", options.trials));
    if (std::none_of(space.knobs.begin(), space.knobs.end(), [](const Knob& k) { return k.choices.size() > 1; }))
        throw UserError(fmt::format("there is nothing to choose for {} on {}: its tuning space has one schedule",
                                    pipeline.outputs.front().name(), target.text()));
    return Tuner(pipeline, target, space, measure, options, database).run();
}

}  // namespace heddle
