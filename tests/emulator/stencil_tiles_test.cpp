// tests/emulator/stencil_tiles_test.cpp -- overlapped tiles of stencils on a CUDA device, executed without one.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/stencil_chains.h"

namespace heddle::test {
namespace {

TEST(EmulatedStencilTiles, AgreeWithEvaluate) {
    std::vector<EmulationCase> cases;
    for (const StencilTilesCase& c : stencil_tiles_cases()) {
        if (c.boundary == "circular") continue;  // each tile would hold the whole image
        const Pipeline pipeline = parse_pipeline(chain_text(c));
        cases.push_back(
            {name_of(c), pipeline, random_inputs(pipeline, 1, true), parse_schedule(device_tiles_schedule(c))});
    }
    EXPECT_EQ(emulated_differences(cases), std::vector<std::string>());
}

}  // namespace
}  // namespace heddle::test
