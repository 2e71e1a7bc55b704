// schedules/cost_core.h -- rates and latencies of a CPU's core, as the model of its time takes them.
#pragma once

namespace heddle::core {

// Per core and cycle, of x86 cores since Skylake.
inline constexpr double multiply_ports = 2, load_ports = 2, store_ports = 1, issue_width = 4.5;
inline constexpr double cycles_a_second = 2.6e9;
inline constexpr double latency = 4;                   // of an operation on vectors
inline constexpr double cycles_of_an_iteration = 1.5;  // counting and branching
inline constexpr double cycles_of_a_loop = 12;         // to enter and leave: bounds, a branch guessed wrong
inline constexpr double cycles_of_a_clip = 8;          // more, where the bounds are worked out
inline constexpr double cycles_of_a_fork = 3000;
inline constexpr double instructions_of_a_test = 5;             // of a point that may lie outside, or of a masked load
inline constexpr double at_known_places = 0.1;                  // share of tests that stay where loops are in line
inline constexpr double tests_of_lanes = 2;                     // of those that differ between lanes: masks
inline constexpr double instructions_of_a_branch = 4;           // of an operation that depends on it
inline constexpr double cycles_of_a_streamed_line = 40;         // past the caches, though it would have stayed there
inline constexpr double slow_decoding = .25, short_body = 200;  // instructions
inline constexpr double spilled = 2;                            // a store and a load
inline constexpr int line_bytes = 64, most_unrolled = 1024;
// Cycles in which a line arrives from the next level.
inline constexpr double cycles_from_l2 = 2.2, cycles_from_l3 = 7, cycles_from_memory = 16;
inline constexpr double share_of_a_cache = 0.8, short_run_bytes = 256, short_run_factor = 1.5;

}  // namespace heddle::core
