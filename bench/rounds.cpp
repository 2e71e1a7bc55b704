// bench/rounds.cpp -- turns, medians and quotients.
#include "bench/rounds.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <thread>

#include "runtime/timer.h"

namespace heddle::bench {
namespace {

double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double timed(const std::function<void()>& call, bool processor_time) {
    const Timer timer;
    const double before = processor_seconds();
    call();
    return processor_time ? processor_seconds() - before : timer.seconds();
}

void take_turn(Contestant& contestant, const RoundOptions& options) {
    // The threads of the one before stop polling within a millisecond.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::vector<double> calls;
    if (contestant.slow) {
        calls.push_back(timed(contestant.call, options.processor_time));
    } else {
        contestant.call();
        double spent = 0;
        while (calls.size() < 3 || (spent < options.turn_seconds && calls.size() < 10000)) {
            calls.push_back(timed(contestant.call, options.processor_time));
            spent += calls.back();
        }
    }
    contestant.calls.insert(contestant.calls.end(), calls.begin(), calls.end());
    contestant.rounds.push_back(sample_of(calls).median);
}

}  // namespace

Sample sample_of(std::vector<double> values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const std::size_t count = values.size();
    return {values[count / 2], values[count * 3 / 4] - values[count / 4], static_cast<int>(count)};
}

void run_rounds(std::vector<Contestant>& contestants, const RoundOptions& options) {
    for (int round = 0; round < options.rounds; ++round) {
        // Each round begins with another contestant, so that none always follows the same one.
        for (std::size_t i = 0; i < contestants.size(); ++i) {
            Contestant& contestant = contestants[(i + static_cast<std::size_t>(round)) % contestants.size()];
            if (contestant.slow && round != 0 && round != options.rounds - 1) continue;
            take_turn(contestant, options);
        }
        if (options.between) options.between(round);
    }
}

Sample ratio(const Contestant& base, const Contestant& contestant) {
    std::vector<double> quotients;
    if (base.slow || contestant.slow) {
        // Only the first and the last round are common to both.
        for (const double b : {base.rounds.front(), base.rounds.back()})
            for (const double c : {contestant.rounds.front(), contestant.rounds.back()}) quotients.push_back(b / c);
    } else {
        for (std::size_t i = 0; i < base.rounds.size(); ++i) quotients.push_back(base.rounds[i] / contestant.rounds[i]);
    }
    return sample_of(std::move(quotients));
}

}  // namespace heddle::bench
