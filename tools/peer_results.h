// tools/peer_results.h -- times of other libraries, from what heddle_bench writes with --json.
#pragma once

#include <string>
#include <vector>

namespace heddle::tools {

struct PeerResult {
    std::string layer, name;  ///< "resnet50.3x3_64", "oneDNN any"
    double operations = 0, bytes = 0, seconds = 0;

    /// Of a problem with so many operations and bytes of inputs and outputs.
    bool is_of(double problem_operations, double problem_bytes) const;
};

/// What is not Heddle's own in a file of `heddle_bench convolution --json` or `heddle_bench gpu --json`; plain loops,
/// and results that were wrong, are left out. Throws UserError for any other file.
std::vector<PeerResult> read_peer_results(const std::string& file);

}  // namespace heddle::tools
