// tests/codegen/reduce_across_test.cpp -- reductions across threads and clusters, and spans: verified, and through
// NVRTC without spills.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "dsl/parse.h"
#include "runtime/nvrtc.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/error_text.h"
#include "tests/support/golden.h"

namespace heddle::test {
namespace {

std::vector<CudaSource> sources_of(const ScheduledText& subject, int capability) {
    const Pipeline pipeline = parse_pipeline(subject.text);
    const Schedule schedule = parse_schedule(subject.schedule);
    return cuda_sources(make_plan(pipeline, schedule, Target::cuda(capability), {true, false}), schedule);
}

class ReduceAcross : public testing::TestWithParam<ScheduledText> {};

TEST_P(ReduceAcross, CompilesWithoutWarningsOrSpills) {
    for (const int capability : {80, 90})
        for (const CudaSource& source : sources_of(GetParam(), capability)) {
            if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
            const CudaProgram program = compile_cuda(source.text, GetParam().name + ".cu", capability);
            EXPECT_EQ(program.warnings, "") << source.text;
            for (const KernelResources& kernel : program.kernels) EXPECT_LE(kernel.spill_bytes, 0) << source.text;
        }
}

INSTANTIATE_TEST_SUITE_P(Schedules, ReduceAcross, testing::ValuesIn(reduction_schedules()),
                         [](const auto& info) { return info.param.name; });

class OnClusters : public testing::TestWithParam<ScheduledText> {};

TEST_P(OnClusters, CompilesWithoutWarningsOrSpills) {
    for (const bool aligned : {true, false}) {
        const Pipeline pipeline = parse_pipeline(GetParam().text);
        const Schedule schedule = parse_schedule(GetParam().schedule);
        const LoweredPlan plan = make_plan(pipeline, schedule, Target::cuda(90), {true, false});
        for (const CudaSource& source : cuda_sources(plan, schedule, {}, aligned)) {
            if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
            const CudaProgram program = compile_cuda(source.text, GetParam().name + ".cu", 90);
            EXPECT_EQ(program.warnings, "") << source.text;
            for (const KernelResources& kernel : program.kernels) EXPECT_LE(kernel.spill_bytes, 0) << source.text;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Clusters, OnClusters, testing::ValuesIn(cluster_schedules()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Spans, OnClusters, testing::ValuesIn(span_schedules()),
                         [](const auto& info) { return info.param.name; });

TEST(ReduceAcrossText, ABlockCombinesShufflesThenWarps) {
    const ScheduledText block = {"block", "x: f32[64,1000]\ny[n] += x[n,c]",
                                 "bind(n, block_x) split(c, 256) bind(c.i, thread_x) reduce_across(threads)"};
    expect_golden("cuda_reduce_block", sources_of(block, 80)[0].text);
}

}  // namespace
}  // namespace heddle::test
