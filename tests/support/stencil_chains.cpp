// tests/support/stencil_chains.cpp -- stencils that follow one another, and their schedules in overlapped tiles.
#include "tests/support/stencil_chains.h"

#include <fmt/format.h>

namespace heddle::test {
namespace {

std::string last_of(const StencilTilesCase& c) { return fmt::format("u{}.0", c.steps); }

std::string placed(const StencilTilesCase& c) {
    std::string text;
    for (int step = c.steps - 1; step > 0; --step)
        text += fmt::format("u{}.0: compute_at({}, j.o); ", step, last_of(c));
    return text;
}

}  // namespace

std::string name_of(const StencilTilesCase& c) {
    return fmt::format("{}_steps_{}x{}_in_{}x{}_{}", c.steps, c.rows, c.columns, c.tile_rows, c.tile_columns,
                       c.boundary);
}

const std::vector<StencilTilesCase>& stencil_tiles_cases() {
    static const std::vector<StencilTilesCase> cases = [] {
        std::vector<StencilTilesCase> all;
        for (const char* boundary : {"replicate", "zero", "circular"})
            for (const int steps : {2, 5}) {
                all.push_back({steps, 33, 70, 8, 32, boundary});
                all.push_back({steps, 16, 64, 16, 16, boundary});
                all.push_back({steps, 9, 11, 4, 16, boundary});
            }
        return all;
    }();
    return cases;
}

std::string chain_text(const StencilTilesCase& c) {
    std::string text = fmt::format("u0: f32[{},{}]\n", c.rows, c.columns);
    for (int step = 1; step <= c.steps; ++step)
        text += fmt::format(
            "u{1}[i,j] = 2.0 * u{0}[i,j] + {2}(u{0})[i-1,j] - {2}(u{0})[i+1,j] + {2}(u{0})[i,j-1] + "
            "{2}(u{0})[i,j+2]\n",
            step - 1, step, c.boundary);
    return text;
}

std::string tiles_schedule(const StencilTilesCase& c, int lanes) {
    std::string text = fmt::format(
        "{}: split(i, {}) split(j, {}) split(j.i, {}) reorder(i.o, j.o, i.i, j.i.o, j.i.i) parallel(i.o) "
        "vectorize(j.i.i) partition(i.o) partition(j.o); {}",
        last_of(c), c.tile_rows, c.tile_columns, lanes, placed(c));
    for (int step = c.steps - 1; step > 0; --step)
        text += fmt::format("u{}.0: split(j, {}) vectorize(j.i) partition(j.o); ", step, lanes);
    return text;
}

std::string device_tiles_schedule(const StencilTilesCase& c) {
    return fmt::format(
        "{}: split(i, {}) split(j, {}) reorder(i.o, j.o, i.i, j.i) bind(i.o, block_x) "
        "bind(j.o, thread_x); {}",
        last_of(c), c.tile_rows, c.tile_columns, placed(c));
}

}  // namespace heddle::test
