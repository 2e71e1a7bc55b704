// tests/schedules/warpgroup_tile_test.cpp -- sizes of warpgroups' tiles follow waves, divisibility and what fits.
#include "schedules/warpgroup_tile.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

TiledProduct product(std::int64_t rows, std::int64_t columns, std::int64_t depth, std::int64_t taps) {
    TiledProduct result;
    result.rows = rows;
    result.columns = columns;
    result.depth = depth;
    result.taps = taps;
    result.through_tile = true;
    result.takes_rows = result.takes_columns = result.takes_step = [](std::int64_t) { return true; };
    return result;
}

std::string first(const TiledProduct& product) {
    const std::vector<WarpgroupTile> tiles = warpgroup_tiles(product, 132, 232448);
    if (tiles.empty()) return "none";
    const WarpgroupTile& tile = tiles.front();
    return std::to_string(tile.rows) + "x" + std::to_string(tile.columns) + (tile.stream ? " shared" : "");
}

TEST(WarpgroupTile, LargeProductsTakeLargeTiles) { EXPECT_EQ(first(product(25088, 512, 512, 9)), "128x256"); }

// 98 tiles of 128 x 256 would leave a quarter of 132 multiprocessors without work; 132 of 192 x 128 leave none.
TEST(WarpgroupTile, WavesAreFull) { EXPECT_EQ(first(product(12544, 256, 256, 9)), "192x128"); }

TEST(WarpgroupTile, FewTilesShareTheirSteps) {
    TiledProduct weights = product(256, 256, 12544, 1);
    weights.outer = 9;
    weights.rows_along_sum = weights.columns_along_sum = false;
    EXPECT_NE(first(weights).find("shared"), std::string::npos) << first(weights);
    weights.may_stream = false;
    EXPECT_EQ(first(weights).find("shared"), std::string::npos);
}

TEST(WarpgroupTile, FitsTheProduct) {
    EXPECT_EQ(first(product(48, 512, 512, 1)), "none");  // not 64 rows
    EXPECT_EQ(first(product(512, 4, 512, 1)), "none");
    EXPECT_EQ(first(product(512, 512, 8, 1)), "none");
    for (const WarpgroupTile& tile : warpgroup_tiles(product(300, 40, 200, 3), 132, 232448)) {
        EXPECT_LE(tile.rows, 300);
        EXPECT_LE(tile.columns, 40);
        EXPECT_LE((tile.rows + tile.columns) * tile.step * 2 * tile.stages, 232448);
    }
}

TEST(WarpgroupTile, RowsThatLieAlongThemselvesAreWholeLines) {
    TiledProduct across = product(512, 160, 512, 1);
    across.columns_along_sum = false;
    for (const WarpgroupTile& tile : warpgroup_tiles(across, 132, 232448)) EXPECT_EQ(tile.columns % 64, 0);
}

TEST(WarpgroupTile, SwizzleIsTheWidestThatDivides) {
    EXPECT_EQ(swizzle_of(256), 128);
    EXPECT_EQ(swizzle_of(192), 64);
    EXPECT_EQ(swizzle_of(96), 32);
    EXPECT_EQ(swizzle_of(80), 0);
}

}  // namespace
}  // namespace heddle
