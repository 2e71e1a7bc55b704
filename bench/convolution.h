// bench/convolution.h -- convolutions side by side: plain loops, Heddle and oneDNN in one process, in turns.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/layers.h"

namespace heddle::bench {

struct ConvolutionOptions {
    std::vector<Layer> layers;
    ActivationLayout layout = ActivationLayout::nhwc;
    ConvolutionPass pass = ConvolutionPass::forward;
    ScalarType type = f32;        ///< bf16: the default schedule of f32 is measured beside it
    bool processor_time = false;  ///< on one thread, timed by what the process had of its processor
    int rounds = 15;
    double turn_seconds = 0.03;
    bool naive = true;
    double tune_seconds = 0;             ///< to search before measuring; 0: only what the database has
    std::filesystem::path database;      ///< of tuned schedules
    std::vector<std::string> schedules;  ///< texts: each is one more contestant
    std::filesystem::path json;          ///< to write results to; empty: none
};

/// Prints one block a layer; true when all results were right.
/// A given schedule that a layer refuses is left out there, with the reason. Throws UserError for a text that is no
/// schedule and a file that cannot be written.
bool run_convolutions(const ConvolutionOptions& options);

}  // namespace heddle::bench
