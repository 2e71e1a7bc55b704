// tests/support/stencil_chains.h -- stencils that follow one another, and their schedules in overlapped tiles.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace heddle::test {

/// `steps` stencils over an image; the last one's tiles; what lies outside of the images.
struct StencilTilesCase {
    int steps, rows, columns, tile_rows, tile_columns;
    std::string boundary;
};
std::string name_of(const StencilTilesCase& c);
inline void PrintTo(const StencilTilesCase& c, std::ostream* out) { *out << name_of(c); }
const std::vector<StencilTilesCase>& stencil_tiles_cases();

/// u0 is the image, u1 to the last are the steps.
std::string chain_text(const StencilTilesCase& c);
/// On the host, in vectors of so many lanes.
std::string tiles_schedule(const StencilTilesCase& c, int lanes);
/// On a CUDA device: a tile a thread.
std::string device_tiles_schedule(const StencilTilesCase& c);

}  // namespace heddle::test
