// schedules/cost_cuda_threads.h -- what the threads of a launch ask for, of which each computes elements by itself.
#pragma once

#include <set>

#include "schedules/nest_access.h"

namespace heddle {

constexpr std::int64_t registers_besides = 26;

/// What all threads of a launch ask for, of all stages in it.
struct Demand {
    double memory_bytes = 0, cache_bytes = 0;           ///< of the device
    double wavefronts = 0, operations = 0, shared = 0;  ///< of warps, in all
    double rounds = 0;                                  ///< times that a thread waits for memory
    double extra_cycles = 0;                            ///< of a block, barriers
    std::int64_t registers = registers_besides, shared_bytes = 0;
    std::set<const TensorNode*> met;    ///< read by a stage before: once more they come from a cache
    std::set<const TensorNode*> inner;  ///< kept in registers by a stage before, or results of the row: never move
};
void add_demand(const StageAccesses& stage, std::int64_t threads, double blocks, Demand& demand);

}  // namespace heddle
