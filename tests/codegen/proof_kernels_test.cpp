// tests/codegen/proof_kernels_test.cpp -- the four hard kernels compile for sm_90a, without warnings and without
// spills.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "runtime/nvrtc.h"
#include "tests/support/proof_schedules.h"

namespace heddle::test {
namespace {

TEST(ProofKernels, CompileWithoutSpills) {
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    for (const ProofSchedule& proof : proof_schedules()) {
        SCOPED_TRACE(proof.name);
        const Schedule schedule = parse_schedule(proof.schedule);
        const LoweredPlan plan = make_plan(parse_pipeline(proof.text), schedule, Target::cuda(90), {true, false});
        for (const CudaSource& source : cuda_sources(plan, schedule)) {
            CudaCompileOptions options;
            for (const CudaKernel& kernel : source.kernels)
                options.specific_features = options.specific_features || kernel.specific_features;
            const CudaProgram program = compile_cuda(source.text, proof.name + ".cu", 90, options);
            EXPECT_EQ(program.warnings, "");
            ASSERT_FALSE(program.kernels.empty());
            for (const KernelResources& kernel : program.kernels) EXPECT_EQ(kernel.spill_bytes, 0) << kernel.name;
        }
    }
}

}  // namespace
}  // namespace heddle::test
