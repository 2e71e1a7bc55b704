// bench/latency.h -- how long it takes from a definition to its first result, and what a call costs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/layers.h"

namespace heddle::bench {

struct LatencyOptions {
    std::vector<Layer> layers;
    int repeats = 5;             ///< processes of each kind
    std::int64_t batch = 1;      ///< N of all layers, small so that compiling shows beside running; 0: the table's
    std::filesystem::path json;  ///< to write results to; empty: none
};

/// For each layer: fresh processes with an empty cache of compiled code (cold) and with a filled one (warm). Then the
/// cost of a call, on a kernel that has nothing to do.
void run_latency(const LatencyOptions& options);

/// What such a process does: defines, compiles and runs one layer, and prints the time of each step as one line of
/// JSON. `started` is the steady clock (seconds) when the process was asked for.
void print_first_result(const Layer& layer, double started);

}  // namespace heddle::bench
