// schedules/legality.h -- facts about a scheduled stage that its checks, its printed form and lowering share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schedules/loop_nest.h"

namespace heddle {

/// True when the stage accumulates in a tile: an update with bare left indices, or an atomic one whose innermost loops
/// are reduced, and which adds the tile to memory.
bool accumulates(const StageNest& stage);
/// Position of the loop whose body holds the accumulator, -1: outside of all loops. As directed, else just outside of
/// the first loop that is reduced, unrolled or vectorized; of atomic updates, outside of the reduced loops at the end.
int accumulator_position(const StageNest& stage);
/// The free loops inside the accumulator: its dimensions.
std::vector<Loop> accumulator_loops(const StageNest& stage);
/// Reduced loops outside of the accumulator, which is then carried on in the output.
std::vector<Loop> reduced_outside(const StageNest& stage);
/// True when tiles are filled at the head of the loop: copies of tensors, or stages computed there.
bool has_tiles(const LoopNest& nest, const StageNest& stage, const Symbol& at);
/// Position of the first loop that belongs to the innermost statement's tile: the loops from there on run at once.
int statement_position(const LoopNest& nest, const StageNest& stage);
/// How many elements of a type the widest vector register of a host holds.
std::int64_t lanes_of(const Target& target, ScalarType type);

/// What a register tile of a host takes, in vector registers.
struct RegisterTile {
    std::int64_t accumulators = 1;  ///< unrolled free loops times vectors of the vectorized one
    std::int64_t operands = 1;      ///< of a tensorized product: vectors of the wider operand
    std::int64_t total() const { return accumulators + operands + 1; }  ///< and one that is broadcast
};
RegisterTile register_tile(const StageNest& stage, const Target& target);

}  // namespace heddle
