// tests/codegen/cuda_source_test.cpp -- the CUDA text of operators: two goldens, and all of them through NVRTC.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "dsl/parse.h"
#include "runtime/nvrtc.h"
#include "schedules/schedule.h"
#include "tests/support/golden.h"
#include "tests/support/operator_texts.h"

namespace heddle::test {
namespace {

std::vector<CudaSource> sources_of(const std::string& text, int capability) {
    const Pipeline pipeline = parse_pipeline(text);
    const Target target = Target::cuda(capability);
    const Schedule schedule = default_schedule(pipeline, target);
    return cuda_sources(make_plan(pipeline, schedule, target, {true, false}), schedule);
}

std::string joined(const std::vector<CudaSource>& sources) {
    std::string text;
    for (const CudaSource& source : sources) text += source.text;
    return text;
}

TEST(CudaSource, ConvolutionReadsAsWritten) {
    expect_golden("cuda_convolution", joined(sources_of("x: f32[8,64,56,56]\nw: f32[64,64,3,3]\nb: f32[64]\n"
                                                        "y: f32[8,64,56,56]\ny[n,k,p,q] = b[k]\n"
                                                        "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]",
                                                        90)));
}

TEST(CudaSource, PoolingOfNarrowTypesReadsAsWritten) {
    expect_golden("cuda_max_pool", joined(sources_of("x: bf16[8,3,56,56]\ny: f16[8,3,28,28]\n"
                                                     "y[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3",
                                                     80)));
}

class CudaSourceSweep : public testing::TestWithParam<OperatorText> {};

TEST_P(CudaSourceSweep, CompilesWithoutWarningsOrSpills) {
    const std::vector<CudaSource> sources = sources_of(GetParam().text, 90);
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    for (const CudaSource& source : sources) {
        CudaCompileOptions options;
        for (const CudaKernel& kernel : source.kernels)
            options.specific_features = options.specific_features || kernel.specific_features;
        const CudaProgram program = compile_cuda(source.text, GetParam().name + ".cu", 90, options);
        EXPECT_EQ(program.warnings, "") << source.text;
        EXPECT_EQ(program.kernels.size(), source.kernels.size());
        for (const KernelResources& kernel : program.kernels) EXPECT_LE(kernel.spill_bytes, 0) << source.text;
    }
}

INSTANTIATE_TEST_SUITE_P(Operators, CudaSourceSweep, testing::ValuesIn(operator_texts()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
