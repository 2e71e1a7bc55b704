// tests/support/cuda_emulator/mbarrier.h -- a barrier in shared memory: arrivals and bytes, phase after phase.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/cuda_emulator/knowledge.h"

namespace heddle::test {

/// A copy to shared memory on its way; its barrier counts it when it arrives.
struct Transfer {
    std::vector<std::uintptr_t> to;  ///< of each piece of 16 bytes
    std::vector<unsigned char> bytes;
    const void* code = nullptr;
};

struct Mbarrier {
    int count = 0, pending = 0;  ///< arrivals of a phase; those still to come
    std::int64_t bytes = 0;      ///< of copies still to come; below 0: came before they were expected
    std::uint32_t phase = 0;     ///< the one that is not over
    int agent = 0;               ///< the writer of its copies' bytes
    std::uint32_t agent_time = 1;
    Times coming, over;  ///< known by arrivals: of this phase, of those before
    int made_by = 0;
    std::uint32_t made_at = 0;
    std::vector<Transfer> transfers;
    std::vector<int> waiting;  ///< threads
};

}  // namespace heddle::test
