// tests/emulator/tiles_test.cpp -- tiles that the threads of a block share, executed without a GPU, give what
// evaluate() gives.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

class EmulatedTiles : public testing::TestWithParam<ScheduledText> {};

TEST_P(EmulatedTiles, agree_with_evaluate) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Compiled oracle(pipeline, whole_inputs(pipeline), GetParam().tolerance);
    const NamedBuffers outputs =
        emulate(pipeline, parse_schedule(GetParam().schedule), Target::cuda(90), whole_inputs(pipeline));
    for (const auto& [name, buffer] : outputs)
        EXPECT_EQ(first_difference(name, buffer, oracle.expected().at(name), GetParam().tolerance), "");
}

// Buffers that do not lie at multiples of 16 bytes: spans are copied by threads.
class EmulatedSpans : public testing::TestWithParam<ScheduledText> {};

TEST_P(EmulatedSpans, agree_unaligned) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Compiled oracle(pipeline, whole_inputs(pipeline), GetParam().tolerance);
    const auto without_bulk_copies = [](const std::string& text) {
        EXPECT_EQ(text.find("bulk_load"), std::string::npos) << text;
        EXPECT_EQ(text.find("bulk_store"), std::string::npos) << text;
        return text;
    };
    const NamedBuffers outputs = emulate(pipeline, parse_schedule(GetParam().schedule), Target::cuda(90),
                                         whole_inputs(pipeline), without_bulk_copies, false);
    for (const auto& [name, buffer] : outputs)
        EXPECT_EQ(first_difference(name, buffer, oracle.expected().at(name), GetParam().tolerance), "");
}

INSTANTIATE_TEST_SUITE_P(Spans, EmulatedSpans, testing::ValuesIn(span_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Tiles, EmulatedTiles, testing::ValuesIn(tile_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Warpgroups, EmulatedTiles, testing::ValuesIn(warpgroup_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Clusters, EmulatedTiles, testing::ValuesIn(cluster_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Spans, EmulatedTiles, testing::ValuesIn(span_schedules()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
