// runtime/occupancy.h -- how many blocks of a kernel a multiprocessor holds at once, by arithmetic alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle {

/// What one multiprocessor has (CUDA C++ programming guide, table of technical specifications).
struct MultiprocessorLimits {
    int threads = 0, blocks = 0;
    std::int64_t shared_bytes = 0;
    int registers = 65536;
};
/// Nothing for a compute capability that the table does not hold.
std::optional<MultiprocessorLimits> multiprocessor_limits(int compute_capability);

struct Occupancy {
    int blocks = 0;          ///< of a multiprocessor at once; 0: it cannot hold one
    double of_threads = 0;   ///< the share of its threads that they are, 0 to 1
    std::string_view limit;  ///< what holds no more: "threads", "registers", "shared memory", "blocks"
};
/// Registers are given to a warp in units of 256 from the quarter of the file that its scheduler has; shared memory to
/// a block in units of 128 B, with the 1024 B that the system takes on sm_80 and later (CUDA occupancy calculator).
std::optional<Occupancy> occupancy(int compute_capability, int block_threads, int registers, std::int64_t shared_bytes);

}  // namespace heddle
