// tests/emulator/run_time_sizes_test.cpp -- the CUDA text of operators over open sizes gives what evaluate() gives.
#include <gtest/gtest.h>

#include "tests/support/cuda_emulator.h"
#include "tests/support/sized_texts.h"

namespace heddle::test {
namespace {

std::vector<std::string> differences(bool gradients) {
    std::vector<EmulationCase> cases;
    for (const SizedText& text : sized_texts()) {
        const Pipeline pipeline = sized_pipeline(text, "", gradients);
        for (std::size_t i = 0; i < 3; ++i) {
            if (gradients && i == 1) continue;
            cases.push_back({text.name + " at sizes " + std::to_string(i),
                             pipeline,
                             sized_inputs(pipeline, text.sizes[i]),
                             {},
                             text.exact ? 0 : 1e-4});
        }
    }
    return emulated_differences(cases);
}

TEST(EmulatedRunTimeSizes, AgreeWithEvaluate) { EXPECT_EQ(differences(false), std::vector<std::string>()); }
TEST(EmulatedRunTimeSizes, GradientsAgreeWithEvaluate) { EXPECT_EQ(differences(true), std::vector<std::string>()); }

}  // namespace
}  // namespace heddle::test
