// bench/peer_halide.h -- the two-stage blur in Halide, under a schedule that its autoschedulers find.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heddle::bench {

/// Names of the autoschedulers that are installed; empty: none, or a build without Halide.
std::vector<std::string> halide_autoschedulers();

/// y[i,j] = (h[i-1,j] + h[i,j] + h[i+1,j]) / 3 of the same along rows, edges repeated; f32, row by row in memory.
class HalideBlur {
public:
    /// Compiles. Throws UserError for an autoscheduler that is not there.
    HalideBlur(const std::string& autoscheduler, int rows, int columns, int threads);
    void run(float* image, float* blurred);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace heddle::bench
