// bench/rounds.h -- contestants timed in turns, so that a drift of the machine meets all of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace heddle::bench {

/// A median with the distance between the quartiles around it.
struct Sample {
    double median = 0, spread = 0;
    int count = 0;
};
Sample sample_of(std::vector<double> values);

/// Something to be timed. In each turn it is called once untimed (threads, caches and clock settle), then for a while.
struct Contestant {
    std::string name;
    std::function<void()> call;
    bool slow = false;                ///< one call in the first round and one in the last, none untimed
    std::vector<double> rounds = {};  ///< median seconds a call of each round that it took part in
    std::vector<double> calls = {};   ///< seconds of all calls
};

struct RoundOptions {
    int rounds = 15;
    double turn_seconds = 0.03;  ///< of timed calls; at least 3 are made
    /// Calls are timed by what the process had of its CPUs, which other programs on the machine hardly disturb. Means
    /// something where contestants run on one thread each.
    bool processor_time = false;
    /// Called between rounds: what else is to be measured under the same conditions, and progress.
    std::function<void(int round)> between = nullptr;
};
void run_rounds(std::vector<Contestant>& contestants, const RoundOptions& options);

/// How many times faster `contestant` is than `base`: the quotients of the rounds in which both took part.
Sample ratio(const Contestant& base, const Contestant& contestant);

}  // namespace heddle::bench
