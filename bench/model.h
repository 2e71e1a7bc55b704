// bench/model.h -- how well the cost model orders schedules: candidates of layers, measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace heddle::bench {

struct ModelOptions {
    std::string target = "host,threads=1";
    std::vector<std::string> layers;  ///< by name; empty: all
    int samples = 40;                 ///< candidates of a layer, the default among them
    std::uint64_t seed = 1;
    double seconds = 0.06;         ///< to spend on repetitions of each
    double limit = 0;              ///< seconds in all after which no further layer begins; 0: none
    std::filesystem::path json;    ///< to write what was measured to; empty: none
    std::filesystem::path replay;  ///< measured before: nothing runs, and the model is asked again
    std::filesystem::path
        records;                  ///< to write what was measured to as lines that `heddle db import` reads; empty: none
    std::filesystem::path terms;  ///< to write a table of all terms of the model to; empty: none
    bool learned = false;         ///< hold back each layer in turn from a model that learns from the others
};

/// Prints for each layer: how many candidates there were and how many failed, Spearman's coefficient between expected
/// and measured times, how much slower than the best measured one the best is of the fifth that the model puts first,
/// and the coefficient between two measurements, above which none can be expected. False where a coefficient is below
/// 0.6 though that between two measurements is not, or more than 1 in 20 failed.
bool run_model(const ModelOptions& options);

}  // namespace heddle::bench
