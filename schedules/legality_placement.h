// schedules/legality_placement.h -- checks on tiles, on stages placed in others, and on what a CUDA device has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schedules/loop_nest.h"

namespace heddle {

// Each throws Illegal (directive_support.h).

/// A tile of so many elements (nothing: not constant) must fit a thread's stack.
void check_stack(std::optional<std::int64_t> elements, ScalarType type, const std::string& what);
/// Caches have a constant size that fits their memory; pipelined loops have something to copy.
void check_caches(const LoopNest& nest, const StageNest& stage);
/// Stages computed at a loop need a region that is known there; epilogues a complete result.
void check_placement(const LoopNest& nest, const StageNest& stage);
/// Shared memory, threads and registers of a CUDA device.
void check_device(const LoopNest& nest, const StageNest& stage);

/// Bytes of shared memory that a stage takes, pipelines included.
std::int64_t shared_bytes(const StageNest& stage);

/// The reader is the consumer, or is computed at that loop of it or further in.
bool runs_inside(const LoopNest& nest, const StageNest& reader, const StageNest& consumer, const Symbol& loop);

}  // namespace heddle
