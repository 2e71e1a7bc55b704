// tests/ops/operator_cuda_test.cpp -- the CUDA text of every operator, through NVRTC.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "runtime/nvrtc.h"
#include "schedules/schedule.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

struct OperatorCuda : testing::TestWithParam<std::size_t> {};

TEST_P(OperatorCuda, CompilesWithoutWarningsOrSpills) {
    const std::string& use = operator_uses()[GetParam()];
    const Pipeline pipeline = pipeline_of(use);
    const Target target = Target::cuda(90);
    const Schedule schedule = default_schedule(pipeline, target);
    const std::vector<CudaSource> sources =
        cuda_sources(make_plan(pipeline, schedule, target, {true, false}), schedule);
    EXPECT_FALSE(sources.empty());
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    for (const CudaSource& source : sources) {
        const CudaProgram program = compile_cuda(source.text, "operator.cu", 90);
        EXPECT_EQ(program.warnings, "") << use << "\n" << source.text;
        for (const KernelResources& kernel : program.kernels) EXPECT_LE(kernel.spill_bytes, 0) << source.text;
    }
}

INSTANTIATE_TEST_SUITE_P(Uses, OperatorCuda, testing::Range(std::size_t{0}, operator_uses().size()),
                         [](const auto& info) { return test_name(operator_uses()[info.param], info.param); });

}  // namespace
}  // namespace heddle::test
