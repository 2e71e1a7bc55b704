// schedules/nest_access.h -- what a stage reads and writes as numbers: addresses at points of its loops, and how much
// of a tensor some of the loops touch.
#pragma once

#include <cstdint>
#include <vector>

#include "schedules/index_program.h"
#include "schedules/loop_nest.h"

namespace heddle {

struct NestLoop {
    Symbol var;
    std::int64_t extent = 1;
    LoopKind kind = LoopKind::serial;
    bool reduced = false, partitioned = false, clipped = false;
    int unroll = 1, pipeline = 0;
    bool is_tile() const { return kind == LoopKind::unrolled || kind == LoopKind::vectorized; }
};

/// One read, or the write of one target.
struct NestAccess {
    AnyTensor tensor;
    bool writes = false;
    bool packed = false;  ///< reads a copy made before
    int bytes = 4;        ///< of an element
    BoundaryMode boundary = BoundaryMode::none;
    std::vector<IndexProgram> index;
    std::vector<std::int64_t> shape, strides;

    bool moves_with(int loop) const;
    std::int64_t address(const std::vector<std::int64_t>& loops) const;  ///< in elements
    /// Elements that a step of the loop moves it by, from the middle of the others.
    std::int64_t stride(int loop, const std::vector<NestLoop>& loops) const;
    /// Elements touched, and the lines of so many bytes that they lie in, while the loops from `depth` on run.
    struct Footprint {
        double elements = 1, lines = 1, run_bytes = 0;
    };
    Footprint footprint(int depth, const std::vector<NestLoop>& loops, int line_bytes) const;
    /// The same while the loops that are set run, others at their first iteration.
    Footprint footprint(const std::vector<bool>& running, const std::vector<NestLoop>& loops, int line_bytes) const;
    /// Different elements at the iterations of the loops [first, last), others at their first iteration; with more than
    /// `most` iterations, their number.
    double places(int first, int last, const std::vector<NestLoop>& loops, int most) const;
    /// Dimension `d` is left by some iteration.
    bool leaves(std::size_t d, const std::vector<NestLoop>& loops) const;
};

/// A stage with the loops around the place where it is computed.
struct StageAccesses {
    const StageNest* stage = nullptr;
    std::vector<NestLoop> loops;  ///< those of the stages it is placed in first
    int own = 0;                  ///< its own begin here
    std::vector<NestAccess> reads, writes;
    double operations = 1;  ///< a point; a multiply-add is one, what takes long counts several
    bool is_product = false;

    int depth_of(const Symbol& loop) const;  ///< of what is inside of it: position + 1; 0 where there is none
    double trips(int from, int to) const;    ///< product of extents
};
StageAccesses accesses_of(const LoopNest& nest, const StageNest& stage);

}  // namespace heddle
