// schedules/warpgroup_tile.cpp -- a model of a block's time: products, bytes that arrive, waves of tiles.
//
// Rates are those of an H200 (measured): 2048 products of 16-bit operands a cycle, 128 bytes read from shared memory,
// about 57 bytes that arrive from the second-level cache.
#include "schedules/warpgroup_tile.h"

#include <algorithm>
#include <cmath>

namespace heddle {
namespace {

constexpr double products_a_cycle = 2048, shared_bytes_a_cycle = 128, arriving_bytes_a_cycle = 57;
constexpr double cycles_of_a_tile = 1200;       // until its first product, and after its last
constexpr double result_bytes_a_cycle = 48;     // of a block
constexpr double across_bytes_a_cycle = 24;     // through a tile whose rows are the product's columns
constexpr double scattered_bytes_a_cycle = 12;  // by threads, less than four bytes each
constexpr double cycles_of_a_launch = 5000;     // that adds up parts
constexpr double part_bytes_a_cycle = 2500;     // of the device, written and read again
constexpr double cycles_of_a_copy = 1100;       // from its start to its arrival
constexpr std::int64_t barrier_bytes = 2048, widest_swizzle = 128;

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

}  // namespace

std::int64_t swizzle_of(std::int64_t bytes_of_row) {
    for (const std::int64_t swizzle : {128, 64, 32})
        if (bytes_of_row % swizzle == 0) return swizzle;
    return 0;
}

std::vector<WarpgroupTile> warpgroup_tiles(const TiledProduct& p, int multiprocessors, std::int64_t shared_bytes) {
    std::vector<WarpgroupTile> tiles;
    const std::int64_t widest = widest_swizzle / p.bytes;
    const auto consider = [&](std::int64_t m, std::int64_t n, int groups) {
        if (!fits(m, p.rows, p.rows_along_sum, p.bytes) || !fits(n, p.columns, p.columns_along_sum, p.bytes)) return;
        const std::int64_t accumulators = m * n / (128 * groups);
        const std::int64_t most = p.pieces > 1 ? (groups > 2 ? 0 : 64) : groups > 2 ? 96 : 128;
        if (accumulators > most || !p.takes_rows(m) || !p.takes_columns(n)) return;
        for (const std::int64_t step : steps_of(p, widest)) {
            const std::int64_t steps = p.taps * ceil_div(p.depth, step), each = (m + n * p.pieces) * step * p.bytes;
            const std::int64_t result = p.through_tile ? m * n * p.result_bytes : 0;
            const std::int64_t stages =
                std::min<std::int64_t>(6, (shared_bytes - barrier_bytes - result) / std::max<std::int64_t>(1, each));
            if (stages < 3) continue;
            const double k = static_cast<double>(step) * p.bytes / 2;
            const int products = p.pieces > 1 ? 3 : 1;
            const double multiply = static_cast<double>(m * n * products) * k / products_a_cycle;
            const double operands = static_cast<double>(m / 64 * (64 + n * products)) * k * 2 / shared_bytes_a_cycle;
            const double arrive = static_cast<double>(each) / arriving_bytes_a_cycle;
            const double time = std::max(together(std::max(multiply, operands), arrive),
                                         cycles_of_a_copy / static_cast<double>(stages)) +
                                (stages < 4 ? 0.01 : 0.0) * multiply + (groups == 1 ? 0.08 : 0.0) * multiply;
            const double stored = static_cast<double>(m * n * p.result_bytes);
            const bool lines = p.through_tile || p.result_bytes > 2;
            const double tile_end = stored / (!lines         ? scattered_bytes_a_cycle
                                              : p.rows_first ? result_bytes_a_cycle
                                                             : across_bytes_a_cycle);
            const std::int64_t count = ceil_div(p.rows, m) * ceil_div(p.columns, n) * p.outer;
            WarpgroupTile tile{m, n, step, groups, static_cast<int>(stages), 0, false, 0};
            if (groups > 1 && accumulators * p.pieces > (groups > 2 ? 64 : 95)) tile.registers = groups > 2 ? 160 : 232;
            const double waves = static_cast<double>(ceil_div(count, multiprocessors));
            tile.cycles = waves * (static_cast<double>(steps) * time + cycles_of_a_tile + tile_end);
            tiles.push_back(tile);
            const std::int64_t share = ceil_div(count * steps, multiprocessors);
            if (!p.may_stream || share < 8 || count >= 8L * multiprocessors) continue;
            tile.stream = true;
            tile.stages = static_cast<int>(std::min<std::int64_t>(6, (shared_bytes - barrier_bytes) / each));
            const double parts = std::min(2.0, 1 + static_cast<double>(count) / multiprocessors) * multiprocessors *
                                 static_cast<double>(m * n) * 4 * 2;
            tile.cycles = static_cast<double>(share) * time +
                          (cycles_of_a_tile + static_cast<double>(m * n * 4) / result_bytes_a_cycle) *
                              (1 + std::ceil(static_cast<double>(count) / multiprocessors)) +
                          parts / part_bytes_a_cycle + cycles_of_a_launch;
            tiles.push_back(tile);
        }
    };
    for (const std::int64_t m : {256, 192, 128, 64})
        for (std::int64_t n = 256; n >= 8; n -= 8)
            if (n % 16 == 0 || n == p.columns || n < 32 || !p.rows_first)
                consider(m, n, m == 64 ? 1 : m == 192 ? 3 : 2);
    std::stable_sort(tiles.begin(), tiles.end(),
                     [](const WarpgroupTile& a, const WarpgroupTile& b) { return a.cycles < b.cycles; });
    return tiles;
}

}  // namespace heddle
