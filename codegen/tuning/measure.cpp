// codegen/tuning/measure.cpp -- phases: all compile, then turns of timing, one call at a time.
#include "codegen/tuning/measure.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "codegen/provenance.h"
#include "codegen/tuning/worker_process.h"
#include "runtime/error.h"
#include "runtime/thread_pool.h"
#include "runtime/timer.h"

namespace heddle {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int turns = 3;
constexpr double turn_seconds[turns] = {0.02, 0.04, 0.06};
constexpr double contender = 1.15;    ///< times the best: worth more turns
constexpr double slow = 1.3;          ///< times the best: one call with cold caches tells enough
constexpr double hopeless = 1.6;      ///< times the best: one call tells enough
constexpr double settling = 5e-3;     ///< seconds that a first call may take more, for pages and code that are new
constexpr double undisturbed = 0.2;   ///< the quantile that counts: what else the machine does only adds to calls
constexpr double steady = 0.01;       ///< spread over median that needs no more turns
constexpr double first_seconds = 60;  ///< that a call may take while nothing was measured
constexpr std::size_t most_kept = 8;  ///< kernels between requests
constexpr int most_on_device = 16;    ///< processes
constexpr int poll_milliseconds = 50;

struct Slot {
    int device = -1;  ///< of CUDA with devices named; slots of one device time in turns
    std::unique_ptr<WorkerProcess> process = nullptr;
    bool ready = false, busy = false;
    std::size_t candidate = 0;  ///< that it works on
    Timer since = {};
    double limit = 0;
};

struct Work {
    std::string text;
    int slot = -1;  ///< that has it compiled; -1: none
    int turn = 0;   ///< of timing, to do next
    bool done = false;
    std::vector<double> seconds = {};
};

double quantile(const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

Measurement measurement_of(std::vector<double> seconds) {
    std::sort(seconds.begin(), seconds.end());
    return {TrialStatus::measured, "", quantile(seconds, undisturbed),
            quantile(seconds, 0.75) - quantile(seconds, 0.25), static_cast<int>(seconds.size())};
}

TrialStatus status_of(const std::string& text) {
    for (const TrialStatus status : {TrialStatus::measured, TrialStatus::wrong, TrialStatus::illegal})
        if (name_of(status) == text) return status;
    return TrialStatus::failed;
}

class Workers {
public:
    Workers(const TuningJob& job, const WorkerOptions& options)
        : options_(options), job_(share(job)), provenance_(provenance(job.target)) {
        options_.program = worker_program(options.program);
        const std::size_t devices = std::max<std::size_t>(1, options.devices.size());
        const std::size_t count = std::max(batch_of(options, job.target), devices);
        for (std::size_t i = 0; i < count; ++i) {
            slots_.emplace_back();
            if (!options.devices.empty()) slots_.back().device = options.devices[i % devices];
        }
    }

    void measure(const MeasureRequest& request) {
        request_ = &request;
        works_.clear();
        best_ = request.best;
        for (const Schedule& schedule : request.schedules) {
            works_.push_back({print(schedule)});
            if (const auto kept = compiled_.find(works_.back().text); kept != compiled_.end())
                works_.back().slot = kept->second;
        }
        if (request.leader)
            if (const auto kept = compiled_.find(print(*request.leader)); kept != compiled_.end())
                works_.push_back({kept->first, kept->second});
        while (!stopped_ && std::any_of(works_.begin(), works_.end(), [](const Work& w) { return !w.done; })) {
            const Timer compiling;
            exchange([this](int slot) { return start_compiling(slot); });
            if (request.spent) request.spent->compiling += compiling.seconds();
            const Timer timing;
            for (int turn = 0; turn < turns && !stopped_; ++turn)
                exchange([this, turn](int slot) { return start_timing(slot, turn); });
            for (std::size_t i = 0; i < works_.size() && !stopped_; ++i)
                if (!works_[i].done && works_[i].slot >= 0) finish(i);
            if (request.spent) request.spent->timing += timing.seconds();
        }
        stopped_ = false;
        forget();
    }

private:
    using Start = std::function<bool(int slot)>;

    /// Lets idle slots start what they can, and takes their answers, until nothing is under way.
    void exchange(const Start& start) {
        while (true) {
            for (std::size_t s = 0; s < slots_.size(); ++s)
                if (!slots_[s].busy) start(static_cast<int>(s));
            std::vector<pollfd> sockets;
            std::vector<int> which;
            for (std::size_t s = 0; s < slots_.size(); ++s)
                if (slots_[s].busy) {
                    sockets.push_back({slots_[s].process->socket(), POLLIN, 0});
                    which.push_back(static_cast<int>(s));
                }
            if (sockets.empty()) return;
            const int answers = poll(sockets.data(), sockets.size(), poll_milliseconds);
            for (std::size_t i = 0; i < sockets.size(); ++i) {
                Slot& slot = slots_[static_cast<std::size_t>(which[i])];
                if (answers > 0 && sockets[i].revents != 0) {
                    take(which[i]);
                    while (slot.busy && slot.process->channel().pending()) take(which[i]);
                } else if (slot.since.seconds() > slot.limit) {
                    lose(which[i], fmt::format("no result in {:.3g} s", slot.limit));
                }
            }
            if (request_->stop && request_->stop()) return abandon();
        }
    }

    /// What is under way is lost, and is not the candidates' fault.
    void abandon() {
        stopped_ = true;
        for (std::size_t s = 0; s < slots_.size(); ++s)
            if (slots_[s].busy) release(static_cast<int>(s));
    }

    void send(int s, std::size_t candidate, const Message& message, double limit) {
        Slot& slot = slots_[static_cast<std::size_t>(s)];
        if (!slot.process) {
            slot.process = std::make_unique<WorkerProcess>(options_.program, job_, slot.device);
            slot.ready = false;
        }
        slot.busy = true;
        slot.candidate = candidate;
        slot.limit = limit;
        slot.since.restart();
        slot.process->channel().send(message);  // a worker that is gone shows when its answer is read
    }

    /// The fastest so far, timed once more with this request.
    bool is_leader(std::size_t candidate) const { return candidate >= request_->schedules.size(); }
    /// What seconds are in this request to what they were when the leader was timed before.
    double drift() const {
        const Work& last = works_.back();
        return is_leader(works_.size() - 1) && !last.seconds.empty()
                   ? measurement_of(last.seconds).seconds / request_->best
                   : 1;
    }

    bool start_compiling(int s) {
        for (std::size_t i = 0; i < works_.size(); ++i) {
            Work& work = works_[i];
            if (work.done || work.slot >= 0 || under_way(i)) continue;
            send(s, i, {"compile", work.text}, options_.compile_seconds);
            return true;
        }
        return false;
    }

    bool start_timing(int s, int turn) {
        for (const Slot& other : slots_)
            if (other.busy && other.device == slots_[static_cast<std::size_t>(s)].device) return false;
        for (std::size_t i = 0; i < works_.size(); ++i) {
            Work& work = works_[i];
            if (work.done || work.slot != s || work.turn != turn) continue;
            ++work.turn;
            if (turn > 0 && !needs_turn(work)) {
                finish(i);
                continue;
            }
            const double best = std::isfinite(best_) ? best_ : first_seconds / 4;
            send(s, i,
                 {"time", work.text, fmt::format("{}", turn_seconds[turn]),
                  fmt::format("{}", hopeless * best_ + settling), fmt::format("{}", slow * best_)},
                 options_.run_seconds + 4 * best);
            return true;
        }
        return false;
    }

    bool needs_turn(const Work& work) const {
        const Measurement so_far = measurement_of(work.seconds);
        return so_far.seconds <= contender * best_ * std::max(1.0, drift()) && so_far.spread > steady * so_far.seconds;
    }

    bool under_way(std::size_t candidate) const {
        return std::any_of(slots_.begin(), slots_.end(),
                           [&](const Slot& slot) { return slot.busy && slot.candidate == candidate; });
    }

    /// One message of a worker.
    void take(int s) {
        Slot& slot = slots_[static_cast<std::size_t>(s)];
        const std::optional<Message> message = slot.process->channel().receive();
        if (!message || message->size() < 2) {
            if (slot.ready) return lose(s, "");
            throw UserError(fmt::format("{} does not work as a process to measure in: it {}", options_.program.string(),
                                        slot.process->end()));
        }
        if (message->at(0) == "ready") {
            if (message->at(1) != provenance_)
                throw UserError(fmt::format("{} is another version ({}) than this program ({})",
                                            options_.program.string(), message->at(1), provenance_));
            slot.ready = true;
            return;
        }
        slot.busy = false;
        Work& work = works_[slot.candidate];
        const TrialStatus status = status_of(message->at(0));
        if (status != TrialStatus::measured) {
            const std::size_t candidate = slot.candidate;
            // What wrote elsewhere, or left an error on its device, must not meet the next.
            if (work.slot >= 0) release(s);
            return settle(candidate, {status, message->at(1), 0, 0, 0});
        }
        if (work.slot < 0) {
            work.slot = s;
            compiled_[work.text] = s;
            return;
        }
        for (std::size_t i = 2; i < message->size(); ++i)
            work.seconds.push_back(std::strtod(message->at(i).c_str(), nullptr));
        if (!work.seconds.empty()) best_ = std::min(best_, measurement_of(work.seconds).seconds);
    }

    /// The candidate that a worker was at is blamed for its end.
    void lose(int s, const std::string& reason) {
        Slot& slot = slots_[static_cast<std::size_t>(s)];
        const std::size_t candidate = slot.candidate;
        const bool compiling = works_[candidate].slot < 0;
        const std::string cause = slot.process->end();
        release(s);
        settle(candidate,
               {TrialStatus::failed, (reason.empty() ? cause : reason) + (compiling ? ", compiling" : ""), 0, 0, 0});
    }

    /// Ends the worker; what else it had compiled has to be compiled again.
    void release(int s) {
        Slot& slot = slots_[static_cast<std::size_t>(s)];
        slot.process.reset();
        slot.busy = false;
        for (Work& work : works_)
            if (work.slot == s) work.slot = -1;
        std::erase_if(compiled_, [&](const auto& kernel) { return kernel.second == s; });
    }

    void finish(std::size_t i) {
        if (works_[i].seconds.empty()) return;
        Measurement measurement = measurement_of(works_[i].seconds);
        measurement.seconds /= drift();
        measurement.spread /= drift();
        kept_.emplace_back(measurement.seconds, works_[i].text);
        settle(i, measurement);
    }
    void settle(std::size_t i, const Measurement& measurement) {
        works_[i].done = true;
        if (!is_leader(i)) request_->done(i, measurement);
    }

    /// Drops the kernels of all but the fastest.
    void forget() {
        std::stable_sort(kept_.begin(), kept_.end());
        std::map<std::string, int> keep;
        for (const auto& [seconds, text] : kept_)
            if (const auto kernel = compiled_.find(text); keep.size() < most_kept && kernel != compiled_.end())
                keep.insert(*kernel);
        std::erase_if(kept_, [&](const auto& kernel) { return keep.count(kernel.second) == 0; });
        for (const auto& [text, s] : compiled_)
            if (keep.count(text) == 0)
                if (Slot& slot = slots_[static_cast<std::size_t>(s)]; slot.process)
                    slot.process->channel().send({"drop", text});
        compiled_ = std::move(keep);
    }

    WorkerOptions options_;
    SharedJob job_;
    std::string provenance_;
    std::vector<Slot> slots_;
    std::vector<Work> works_;              ///< of the request, by position
    std::map<std::string, int> compiled_;  ///< which slot has the kernel of a schedule
    std::vector<std::pair<double, std::string>> kept_;
    const MeasureRequest* request_ = nullptr;
    double best_ = infinity;
    bool stopped_ = false;
};

}  // namespace

std::size_t batch_of(const WorkerOptions& options, const Target& target) {
    int workers = options.workers > 0 ? options.workers : available_cpus();
    // Each has a context of its own, and a copy of the data.
    if (target.kind == TargetKind::cuda && options.workers == 0)
        workers = std::min(workers, most_on_device * std::max(1, static_cast<int>(options.devices.size())));
    return static_cast<std::size_t>(workers);
}

Measure measure_in_workers(const TuningJob& job, const WorkerOptions& options) {
    const auto workers = std::make_shared<Workers>(job, options);
    return [workers](const MeasureRequest& request) { workers->measure(request); };
}

}  // namespace heddle
