// schedules/space_tiles.h -- pipelines of stencils in overlapped tiles: every stage is computed where the last is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schedules/stage_space.h"

namespace heddle {

/// Stencils that follow one another, `=` over images of one size or nearly: a tile of the last needs a tile of each
/// before it, which stays in the cache, and the rims of tiles are computed more than once.
struct StencilChain {
    std::vector<std::string> stages;  ///< producers first
    StageSpace space;                 ///< of all of them: how large the tiles are
};
/// Chains of a pipeline's stages whose intermediate images do not stay in a cache, each longest first; those that are
/// longer than tiles are good for come in several. For the host.
std::vector<StencilChain> stencil_chains(const Pipeline& pipeline, const Target& target);

}  // namespace heddle
