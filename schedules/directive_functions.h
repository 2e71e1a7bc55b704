// schedules/directive_functions.h -- the functions behind the rows of the table of directives, by group.
#pragma once

#include <vector>

#include "schedules/loop_nest.h"
#include "schedules/schedule.h"

namespace heddle::directives {

/// Each rewrites the nest as its row says, or throws Illegal (directive_support.h), leaving the nest unspecified.
#define HEDDLE_DIRECTIVES(X) \
    X(split)                 \
    X(fuse)                  \
    X(align)                 \
    X(extend)                \
    X(reorder)               \
    X(tile)                  \
    X(unroll)                \
    X(vectorize)             \
    X(parallel)              \
    X(partition)             \
    X(clip)                  \
    X(work)                  \
    X(bind)                  \
    X(specialize_warps)      \
    X(occupancy)             \
    X(accumulate_in)         \
    X(cache_in)              \
    X(cache_out)             \
    X(pipeline)              \
    X(streaming_stores)      \
    X(pack)                  \
    X(tensorize)             \
    X(precision)             \
    X(reduce_across)         \
    X(split_reduction)       \
    X(atomic)                \
    X(sort_points)           \
    X(compute_at)            \
    X(compute_inline)        \
    X(compute_root)          \
    X(fuse_epilogue)

#define HEDDLE_DECLARE(name) void name(LoopNest& nest, StageNest& stage, const std::vector<Argument>& arguments);
HEDDLE_DIRECTIVES(HEDDLE_DECLARE)
#undef HEDDLE_DECLARE

}  // namespace heddle::directives
