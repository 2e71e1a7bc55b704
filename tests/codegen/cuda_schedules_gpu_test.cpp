// tests/codegen/cuda_schedules_gpu_test.cpp -- scheduled definitions on a CUDA device give what evaluate() gives.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "runtime/cuda_driver.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

class gpu_schedules : public testing::TestWithParam<ScheduledText> {};

TEST_P(gpu_schedules, agree_with_evaluate) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Compiled oracle(pipeline, whole_inputs(pipeline), GetParam().tolerance);
    EXPECT_EQ(difference_on_device(oracle, parse_schedule(GetParam().schedule), GetParam().tolerance), "");
}

INSTANTIATE_TEST_SUITE_P(Reductions, gpu_schedules, testing::ValuesIn(reduction_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Tiles, gpu_schedules, testing::ValuesIn(tile_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Warpgroups, gpu_schedules, testing::ValuesIn(warpgroup_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Clusters, gpu_schedules, testing::ValuesIn(cluster_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Spans, gpu_schedules, testing::ValuesIn(span_schedules()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
