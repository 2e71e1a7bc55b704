// schedules/warpgroup_tile.h -- sizes of the tiles that warpgroups multiply, by their expected time on an sm_90 device.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace heddle {

/// A product of matrices as it is tiled: rows by columns over a sum, `outer` such products at once.
struct TiledProduct {
    std::int64_t rows = 1, columns = 1, outer = 1;
    std::int64_t depth = 1;                                ///< of the loop of the sum that is cut into steps
    std::int64_t taps = 1;                                 ///< passes over it
    bool rows_along_sum = true, columns_along_sum = true;  ///< how the operands lie in memory
    int bytes = 2;                                         ///< of an element of the operands
    /// 2: of f32 operands; the first is split in registers, the rest of the second is a tile of its own.
    int pieces = 1;
    int result_bytes = 2;
    bool through_tile = false;  ///< the result leaves through a tile in shared memory
    bool rows_first = true;     ///< the result lies along the columns
    bool may_stream = true;
    int most_accumulators = 128;  ///< of a thread; fewer where it has more to remember
    /// Sizes of tiles, and of a step, that can be copied.
    std::function<bool(std::int64_t)> takes_rows, takes_columns, takes_step;
};

struct WarpgroupTile {
    std::int64_t rows = 128, columns = 128, step = 64;
    int groups = 2;  ///< warpgroups that multiply, one below the other
    int stages = 4;
    int registers = 0;    ///< of a thread that multiplies; 0: as many as all threads have
    bool stream = false;  ///< blocks share the steps of tiles
    double cycles = 0;    ///< expected
};

/// Tiles whose rows are multiples of 64 and whose operands and result fit into a block's shared memory and registers,
/// the fastest first. Empty where the product is too small for any.
std::vector<WarpgroupTile> warpgroup_tiles(const TiledProduct& product, int multiprocessors, std::int64_t shared_bytes);

/// Expected cycles of `tiles` tiles of so many elements, whose steps blocks share: a step is `depth` long and copies
/// `step_bytes`; both operands have `operand_bytes`.
double cycles_of_shared_steps(std::int64_t tiles, std::int64_t steps, double elements, std::int64_t depth,
                              double step_bytes, double operand_bytes, int multiprocessors);

/// Bytes of the swizzle of a tile whose rows have so many bytes; 0: it has none that fits.
std::int64_t swizzle_of(std::int64_t bytes_of_row);

}  // namespace heddle
