// tests/support/proof_schedules.h -- four hard CUDA kernels at real sizes: what the directives and emission must carry.
#pragma once

#include <string>
#include <vector>

namespace heddle::test {

struct ProofSchedule {
    std::string name;  ///< of the golden, too
    std::string text, schedule;
};

/// For cuda:sm_90.
const std::vector<ProofSchedule>& proof_schedules();

}  // namespace heddle::test
