// bench/dynamic.h -- what run-time sizes cost: kernels with some sizes left open beside kernels with all of them known.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heddle::bench {

struct DynamicOptions {
    std::vector<std::string> names;  ///< beginnings of cases' names; empty: all
    int rounds = 9;
    double turn_seconds = 0.03;
    bool gradients = false;       ///< of each case, by all its inputs
    bool processor_time = false;  ///< one thread, timed by the processor's clock
    std::filesystem::path json;   ///< to write results to; empty: none
};

/// Prints for each case how many times as long kernels take with the leading size, rows and columns, and all sizes left
/// open as the one with none, timed in turns. False where a result differs from that one's.
bool run_dynamic(const DynamicOptions& options);

}  // namespace heddle::bench
