// schedules/warpgroup_tile.cpp -- a model of a block's time: products, bytes that arrive, waves of tiles.
//
// Rates are those of an H200 (measured): 2048 products of 16-bit operands a cycle, 128 bytes read from shared memory,
// about 57 bytes that arrive from the second-level cache, 18 where all multiprocessors wait for memory.
#include "schedules/warpgroup_tile.h"

#include <algorithm>
#include <cmath>

namespace heddle {
namespace {

constexpr double products_a_cycle = 2048, shared_bytes_a_cycle = 128;
constexpr double cached_bytes_a_cycle = 57, memory_bytes_a_cycle = 18, cache_bytes = 40e6;
constexpr double cycles_of_a_tile = 1200;       // until its first product, and after its last
constexpr double result_bytes_a_cycle = 48;     // of a block
constexpr double across_bytes_a_cycle = 24;     // through a tile whose rows are the product's columns
constexpr double scattered_bytes_a_cycle = 12;  // by threads, less than four bytes each
constexpr double cycles_of_a_launch = 5000;     // that adds up parts
constexpr double part_bytes_a_cycle = 2500;     // of the device, written and read again
constexpr double cycles_of_a_copy = 1100;       // from its start to its arrival
constexpr double cycles_of_a_fill = 200, cycles_of_a_box = 75, cycles_of_a_line = 1.8;  // of 128 bytes
constexpr std::int64_t barrier_bytes = 2048, widest_swizzle = 128;
constexpr std::int64_t fewest_stages = 3, most_stages = 6, fewest_steps_of_a_share = 8;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// A tile of rows that lie along themselves is cut into lines of a swizzle's width, the widest that there is.
bool fits(std::int64_t tile, std::int64_t extent, bool along_sum, int bytes) {
    if (tile > extent) return false;
    if (along_sum) return true;
    const std::int64_t swizzle = swizzle_of(tile * bytes);
    return swizzle > 0 && (swizzle == widest_swizzle || extent * bytes < 2 * swizzle);
}

// A narrower step than the widest only where that leaves out much of what lies past the end.
bool worth_it(std::int64_t step, std::int64_t widest, std::int64_t depth) {
    if (step == widest || depth < widest) return true;
    const auto padded = [&](std::int64_t by) { return static_cast<double>(ceil_div(depth, by) * by); };
    return padded(step) * 1.15 < padded(widest);
}

// Steps to choose from. Where neither operand lies along the sum, one that both are copied in.
std::vector<std::int64_t> steps_of(const TiledProduct& p, std::int64_t widest) {
    std::vector<std::int64_t> steps;
    if (!p.rows_along_sum && !p.columns_along_sum) {
        for (const std::int64_t step : {64, 80, 48, 96, 32, 16})
            if (steps.empty() && step <= p.depth && p.takes_step(step)) steps.push_back(step);
        return steps;
    }
    if (p.pieces > 1) return p.depth < widest ? steps : std::vector<std::int64_t>{widest};
    for (std::int64_t step = widest; step >= widest / 4; step /= 2)
        if (step <= p.depth && worth_it(step, widest, p.depth)) steps.push_back(step);
    return steps;
}

// Two units that work side by side, neither quite undisturbed by the other.
double together(double a, double b) { return std::pow(std::pow(a, 6) + std::pow(b, 6), 1.0 / 6); }

// Blocks stand at different places of the sum: what one has loaded is there for others only in the cache.
double rate_of_shares(double operand_bytes) {
    const double found = std::min(1.0, cache_bytes / operand_bytes);
    return 1 / (found / cached_bytes_a_cycle + (1 - found) / memory_bytes_a_cycle);
}

// Where blocks share the steps of tiles: to leave parts, and to add them up.
double cycles_of_parts(std::int64_t tiles, double elements, int multiprocessors) {
    const double tiles_of_a_block = static_cast<double>(tiles) / multiprocessors, bytes = elements * 4;
    const double parts = std::min(2.0, 1 + tiles_of_a_block) * multiprocessors * bytes * 2;
    return (cycles_of_a_tile + bytes / result_bytes_a_cycle) * (1 + std::ceil(tiles_of_a_block)) +
           parts / part_bytes_a_cycle + cycles_of_a_launch;
}

/// All tiles of a product with their times.
class Candidates {
public:
    Candidates(const TiledProduct& product, int multiprocessors, std::int64_t shared_bytes)
        : product_(product), multiprocessors_(multiprocessors), shared_bytes_(shared_bytes - barrier_bytes) {}

    std::vector<WarpgroupTile> run() {
        for (const std::int64_t m : {128, 192, 256, 64})
            for (std::int64_t n = 256; n >= 8; n -= 8)
                if (n % 16 == 0 || n == product_.columns || n < 32 || !product_.rows_first)
                    consider(m, n, m == 64 ? 1 : m == 192 ? 3 : 2);
        std::stable_sort(tiles_.begin(), tiles_.end(),
                         [](const WarpgroupTile& a, const WarpgroupTile& b) { return a.cycles < b.cycles; });
        return std::move(tiles_);
    }

private:
    void consider(std::int64_t m, std::int64_t n, int groups) {
        if (!fits(m, product_.rows, product_.rows_along_sum, product_.bytes) ||
            !fits(n, product_.columns, product_.columns_along_sum, product_.bytes))
            return;
        const std::int64_t accumulators = m * n / (128 * groups);
        const std::int64_t most = product_.pieces > 1 ? (groups > 2 ? 0 : 64) : groups > 2 ? 96 : 128;
        if (product_.pieces > 1 && m > 64 * groups) return;
        const std::int64_t fewer = product_.most_accumulators / (groups > 2 ? 2 : 1);
        if (accumulators > std::min(most, fewer) || !product_.takes_rows(m) || !product_.takes_columns(n)) return;
        WarpgroupTile tile;
        tile.rows = m;
        tile.columns = n;
        tile.groups = groups;
        // What a thread has to remember beside, as of classes.
        const std::int64_t in_all = accumulators * product_.pieces + 128 - product_.most_accumulators;
        if (groups > 1 && in_all > (groups > 2 ? 64 : 95)) tile.registers = groups > 2 ? 160 : 232;
        for (const std::int64_t step : steps_of(product_, widest_swizzle / product_.bytes)) {
            tile.step = step;
            add_whole(tile);
            if (product_.may_stream) add_shared(tile);
        }
    }

    // Blocks take tiles one after the other.
    void add_whole(WarpgroupTile tile) {
        if (!has_stages(tile, product_.through_tile ? tile.rows * tile.columns * product_.result_bytes : 0)) return;
        const std::int64_t waves = ceil_div(count(tile), multiprocessors_);
        const bool lines = product_.through_tile || product_.result_bytes > 2;
        const double rate = !lines                ? scattered_bytes_a_cycle
                            : product_.rows_first ? result_bytes_a_cycle
                                                  : across_bytes_a_cycle;
        const double end = static_cast<double>(tile.rows * tile.columns * product_.result_bytes) / rate;
        tile.cycles = static_cast<double>(waves) *
                      (static_cast<double>(steps(tile)) * cycles_of_a_step(tile) + cycles_of_a_tile + end);
        tiles_.push_back(tile);
    }

    // Blocks share the steps of all tiles; their parts are added up.
    void add_shared(WarpgroupTile tile) {
        const std::int64_t share = ceil_div(count(tile) * steps(tile), multiprocessors_);
        if (share < fewest_steps_of_a_share || count(tile) >= 8L * multiprocessors_ || !has_stages(tile, 0)) return;
        tile.stream = true;
        const double rate =
            rate_of_shares(static_cast<double>((product_.rows + product_.columns) * product_.depth * product_.bytes));
        tile.cycles = static_cast<double>(share) * cycles_of_a_step(tile, rate) +
                      cycles_of_parts(count(tile), static_cast<double>(tile.rows * tile.columns), multiprocessors_);
        tiles_.push_back(tile);
    }

    std::int64_t count(const WarpgroupTile& tile) const {
        return ceil_div(product_.rows, tile.rows) * ceil_div(product_.columns, tile.columns) * product_.outer;
    }
    std::int64_t steps(const WarpgroupTile& tile) const { return product_.taps * ceil_div(product_.depth, tile.step); }
    std::int64_t bytes_of_step(const WarpgroupTile& tile) const {
        return (tile.rows + tile.columns * product_.pieces) * tile.step * product_.bytes;
    }

    bool has_stages(WarpgroupTile& tile, std::int64_t result_bytes) const {
        tile.stages = static_cast<int>(std::min(most_stages, (shared_bytes_ - result_bytes) / bytes_of_step(tile)));
        return tile.stages >= fewest_stages;
    }

    // A box of the tile's rows, or of the step's for each line of a swizzle's width.
    double cycles_of_boxes(std::int64_t tile, std::int64_t step, bool along_sum) const {
        const std::int64_t boxes = along_sum ? 1 : std::max<std::int64_t>(1, tile * product_.bytes / widest_swizzle);
        return static_cast<double>(boxes) *
               (cycles_of_a_box + cycles_of_a_line * static_cast<double>(along_sum ? tile : step));
    }

    double cycles_of_a_step(const WarpgroupTile& tile, double arriving_bytes_a_cycle = cached_bytes_a_cycle) const {
        const int products = product_.pieces > 1 ? 3 : 1;
        const double depth = static_cast<double>(tile.step) * product_.bytes / 2;  // f32 runs at half the rate
        const double multiply = static_cast<double>(tile.rows * tile.columns * products) * depth / products_a_cycle;
        const std::int64_t warpgroups = tile.rows / 64;
        const double read = static_cast<double>(warpgroups * (64 + tile.columns * products)) * depth * 2;
        const bool across = !product_.rows_along_sum && !product_.columns_along_sum;
        const double copied = (across ? 0 : cycles_of_a_fill) +
                              product_.pieces * cycles_of_boxes(tile.columns, tile.step, product_.columns_along_sum) +
                              cycles_of_boxes(tile.rows, tile.step, product_.rows_along_sum);
        const double arrive = std::max(copied, static_cast<double>(bytes_of_step(tile)) / arriving_bytes_a_cycle);
        const double work = together(std::max(multiply, read / shared_bytes_a_cycle), arrive);
        const double alone = (tile.stages < 4 ? 0.01 : 0.0) + (tile.groups == 1 ? 0.08 : 0.0);
        return std::max(work, cycles_of_a_copy / tile.stages) + alone * multiply;
    }

    const TiledProduct& product_;
    const int multiprocessors_;
    const std::int64_t shared_bytes_;
    std::vector<WarpgroupTile> tiles_;
};

}  // namespace

double cycles_of_shared_steps(std::int64_t tiles, std::int64_t steps, double elements, std::int64_t depth,
                              double step_bytes, double operand_bytes, int multiprocessors) {
    const double multiply = elements * static_cast<double>(depth) / products_a_cycle;
    const double step = std::max(together(multiply, step_bytes / rate_of_shares(operand_bytes)), cycles_of_a_copy / 4);
    return static_cast<double>(ceil_div(tiles * steps, multiprocessors)) * step +
           cycles_of_parts(tiles, elements, multiprocessors);
}

std::int64_t swizzle_of(std::int64_t bytes_of_row) {
    for (const std::int64_t swizzle : {128, 64, 32})
        if (bytes_of_row % swizzle == 0) return swizzle;
    return 0;
}

std::vector<WarpgroupTile> warpgroup_tiles(const TiledProduct& p, int multiprocessors, std::int64_t shared_bytes) {
    return Candidates(p, multiprocessors, shared_bytes).run();
}

}  // namespace heddle
