// tests/emulator/default_contractions_test.cpp -- default schedules of products large enough for tensor cores.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/loop_nest.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/default_contractions.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

class DefaultContractions : public testing::TestWithParam<Contraction> {};

TEST_P(DefaultContractions, TakeTheirRouteAndAgreeWithEvaluate) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Target target = Target::cuda(GetParam().compute_capability);
    const Schedule schedule = default_schedule(pipeline, target);
    for (const std::string& word : GetParam().uses)
        EXPECT_NE(print(schedule).find(word), std::string::npos) << word << ": " << print(schedule);
    const Compiled oracle(pipeline, whole_inputs(pipeline));
    const NamedBuffers outputs = emulate(pipeline, schedule, target, whole_inputs(pipeline));
    for (const auto& [name, buffer] : outputs)
        EXPECT_EQ(first_difference(name, buffer, oracle.expected().at(name)), "") << print(schedule);
}

INSTANTIATE_TEST_SUITE_P(Products, DefaultContractions, testing::ValuesIn(default_contractions()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
