// bench/gpu_rounds.cpp -- how many rounds, and who takes part in which.
#include "bench/gpu_rounds.h"

#include <algorithm>
#include <cmath>

namespace heddle::bench {
namespace {

double timed(const GpuContestant& contestant, RoundClock& clock) {
    clock.flush();
    clock.start(0);
    contestant.call();
    clock.stop(0);
    clock.wait();
    return clock.seconds(0);
}

/// Seconds of a call, after what happens only once (loading, choosing, allocating) has happened.
double warm_up(const GpuContestant& contestant, RoundClock& clock, double slow) {
    const double first = timed(contestant, clock);
    return first > slow ? first : timed(contestant, clock);
}

/// Half of the interval that holds the true median in two of three runs, as a share of it.
double uncertainty(const std::vector<double>& seconds) {
    const Sample sample = sample_of(seconds);
    return sample.count < 3 || sample.median <= 0 ? 0 : sample.spread / sample.median / std::sqrt(1.0 * sample.count);
}

}  // namespace

bool takes_part(int round, int rounds, int turns) {
    return static_cast<long>(round + 1) * turns / rounds > static_cast<long>(round) * turns / rounds;
}

void run_gpu_rounds(std::vector<GpuContestant>& contestants, RoundClock& clock, const GpuRoundOptions& options) {
    if (contestants.empty()) return;
    const double share = options.seconds / static_cast<double>(contestants.size());
    std::vector<double> estimates;
    double shortest = 1e30;
    for (const GpuContestant& contestant : contestants) {
        estimates.push_back(warm_up(contestant, clock, share / options.slow_calls));
        shortest = std::min(shortest, estimates.back());
    }
    const int rounds = static_cast<int>(
        std::clamp(share / std::max(shortest, 1e-7), 1.0 * options.least, 1.0 * std::max(options.most, options.least)));
    std::vector<int> turns;
    for (const double estimate : estimates)
        turns.push_back(
            static_cast<int>(std::clamp(share / std::max(estimate, 1e-7), 1.0 * options.slow_calls, 1.0 * rounds)));
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::size_t> part;
        for (std::size_t i = 0; i < contestants.size(); ++i)
            if (takes_part(round, rounds, turns[i])) part.push_back(i);
        for (std::size_t slot = 0; slot < part.size(); ++slot) {
            clock.flush();
            clock.start(slot);
            contestants[part[slot]].call();
            clock.stop(slot);
        }
        if (part.empty()) continue;
        clock.wait();
        for (std::size_t slot = 0; slot < part.size(); ++slot)
            contestants[part[slot]].seconds.push_back(clock.seconds(slot));
        if (round + 1 < options.least) continue;
        const auto known = [&](const GpuContestant& c) { return uncertainty(c.seconds) < options.precision; };
        const bool all_began = std::none_of(contestants.begin(), contestants.end(), [&](const GpuContestant& c) {
            return c.seconds.size() < static_cast<std::size_t>(options.slow_calls);
        });
        if (all_began && std::all_of(contestants.begin(), contestants.end(), known)) break;
    }
}

}  // namespace heddle::bench
