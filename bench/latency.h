// bench/latency.h -- how long it takes from a definition to its first result, and what a call costs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/layers.h"

namespace heddle::bench {

struct LatencyOptions {
    std::vector<Layer> layers;
    int repeats = 5;              ///< processes of each kind
    std::string target = "host";  ///< as Target::parse reads it; "cuda": the device of this machine
    std::int64_t batch = 1;       ///< N of all layers, small so that compiling shows beside running; 0: the table's
    std::filesystem::path json;   ///< to write results to; empty: none
};

/// For each layer: fresh processes with an empty cache of compiled code (cold) and with a filled one (warm). Then the
/// cost of a call, on a kernel that has nothing to do: on a CUDA device, of putting it on a stream.
void run_latency(const LatencyOptions& options);

/// What such a process does: defines, compiles and runs one layer, and prints the time of each step as one line of
/// JSON. `started` is the steady clock (seconds) when the process was asked for. On a CUDA device the inputs lie there
/// before the time runs ("device": opening the driver, making a context, copying), and the result has been waited for.
void print_first_result(const Layer& layer, const std::string& target, double started);

}  // namespace heddle::bench
