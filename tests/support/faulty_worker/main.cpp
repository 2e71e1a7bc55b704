// tests/support/faulty_worker/main.cpp -- a worker of the tuner in which some schedules go wrong, by what they split.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "codegen/tuning/worker.h"

namespace heddle {
namespace {

/// `split(j, 3)` crashes where it runs, `split(j, 5)` hangs there, `split(j, 6)` gives something else, `split(j, 7)`
/// ends the compiler; all others are as they should be.
class FaultyRunner : public TrialRunner {
public:
    explicit FaultyRunner(const TuningJob& job) : TrialRunner(job), other_(with_other_values(job)) {}

    TrialOutcome compile(const std::string& schedule) override {
        if (schedule.find("split(j, 7)") != std::string::npos) {
            std::fputs("compiler: out of registers\n", stderr);
            std::abort();
        }
        other_.compile(schedule);
        return TrialRunner::compile(schedule);
    }
    TrialOutcome time(const std::string& schedule, double seconds, double give_up_after, double slow) override {
        if (schedule.find("split(j, 3)") != std::string::npos) raise(SIGSEGV);
        if (schedule.find("split(j, 5)") != std::string::npos) pause();
        if (schedule.find("split(j, 6)") != std::string::npos)
            return other_.time(schedule, seconds, give_up_after, slow);
        return TrialRunner::time(schedule, seconds, give_up_after, slow);
    }

private:
    static TuningJob with_other_values(TuningJob job) {
        job.expected.at(0).values.at(0) += 1;
        return job;
    }
    TrialRunner other_;
};

}  // namespace
}  // namespace heddle

int main() {
    return heddle::serve_worker(
        [](heddle::TuningJob job) { return std::make_unique<heddle::FaultyRunner>(std::move(job)); });
}
