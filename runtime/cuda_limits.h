// runtime/cuda_limits.h -- what a block of a CUDA device may have, by compute capability; known without a device.
#pragma once

#include <cstdint>

namespace heddle {

inline constexpr std::int64_t most_block_threads = 1024, most_cluster_blocks = 8;
/// Of a multiprocessor.
inline constexpr std::int64_t most_resident_blocks = 32, most_resident_threads = 2048, registers_in_all = 65536;
/// Shared memory of a block, bytes: what every kernel may have, and what one may have that asks for it at the launch
/// (CUDA C++ programming guide, table of technical specifications).
inline constexpr std::int64_t shared_bytes_without_opt_in = 49152;
constexpr std::int64_t most_shared_bytes(int compute_capability) {
    switch (compute_capability) {
        case 70:
            return 98304;
        case 75:
            return 65536;
        case 80:
        case 87:
            return 166912;
        case 86:
        case 89:
        case 120:
            return 101376;
        default:
            return compute_capability >= 90 ? 232448 : shared_bytes_without_opt_in;
    }
}

/// Multiprocessors that schedules and persistent work are planned for. Fewer or more on the device change nothing but
/// the speed.
constexpr int multiprocessors_of(int compute_capability) {
    switch (compute_capability) {
        case 80:
            return 108;
        case 86:
            return 84;
        case 90:
            return 132;
        case 100:
            return 148;
        case 120:
            return 170;
        default:
            return 128;
    }
}

}  // namespace heddle
