// tests/ops/operator_gradient_cuda_test.cpp -- the CUDA text of the gradients of every operator, through NVRTC.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "runtime/nvrtc.h"
#include "schedules/schedule.h"
#include "tests/ops/operator_gradients.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

struct OperatorGradientCuda : testing::TestWithParam<std::size_t> {};

// Each use for one of the architectures, in turns.
TEST_P(OperatorGradientCuda, CompilesWithoutWarningsOrSpills) {
    const OperatorGradient gradient(differentiable_uses()[GetParam()]);
    const int architecture = GetParam() % 2 == 0 ? 80 : 90;
    const Target target = Target::cuda(architecture);
    const Schedule schedule = default_schedule(gradient.derived.pipeline, target);
    const std::vector<CudaSource> sources =
        cuda_sources(make_plan(gradient.derived.pipeline, schedule, target, {true, false}), schedule);
    EXPECT_FALSE(sources.empty());
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    for (const CudaSource& source : sources) {
        const CudaProgram program = compile_cuda(source.text, "gradient.cu", architecture);
        EXPECT_EQ(program.warnings, "") << gradient.use << "\n" << source.text;
        for (const KernelResources& kernel : program.kernels) EXPECT_LE(kernel.spill_bytes, 0) << source.text;
    }
}

INSTANTIATE_TEST_SUITE_P(Uses, OperatorGradientCuda, testing::Range(std::size_t{0}, differentiable_uses().size()),
                         [](const auto& info) { return test_name(differentiable_uses()[info.param], info.param); });

}  // namespace
}  // namespace heddle::test
