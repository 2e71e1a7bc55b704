// tests/bench/gpu_kernels_test.cpp -- what races run compiles for a device without one: default schedules, through
// NVRTC.
#include <gtest/gtest.h>

#include "bench/gpu_case.h"
#include "bench/gpu_data.h"
#include "codegen/cuda_code.h"
#include "codegen/cuda_plan.h"
#include "runtime/nvrtc.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle::bench {
namespace {

/// One layer a kind, with a stride where there are such.
std::vector<GpuCase> cases() {
    const std::vector<std::string> names{
        "resnet50.3x3_256", "resnext.3x3_g32_128", "depthwise.96_112s2", "dcgan.512_256",          "max.112",
        "average.35",       "softmax.4096x1000",   "resnet50.fc",        "cross_entropy.4096x1000"};
    return gpu_cases(select_gpu_layers(read_gpu_tables(""), names), {}, {Arithmetic::bf16});
}

class measured_kernels : public testing::TestWithParam<GpuCase> {};

TEST_P(measured_kernels, compile_without_warnings_or_spills) {
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    const Target target = Target::cuda(90);
    for (const ActivationLayout layout : {ActivationLayout::nchw, ActivationLayout::nhwc}) {
        const Pipeline pipeline = definition_of(GetParam(), layout);
        const Schedule schedule = default_schedule(pipeline, target);
        for (const CudaSource& source : cuda_sources(make_plan(pipeline, schedule, target), schedule)) {
            const CudaProgram program = compile_cuda(source.text, GetParam().title(), 90, compile_options(source));
            EXPECT_EQ(program.warnings, "") << source.text;
            for (const KernelResources& kernel : program.kernels) EXPECT_EQ(kernel.spill_bytes, 0) << source.text;
        }
        if (!GetParam().has_layouts()) break;
    }
}

INSTANTIATE_TEST_SUITE_P(layers, measured_kernels, testing::ValuesIn(cases()), [](const auto& info) {
    std::string name = info.param.title();
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    return name;
});

TEST(data_kernels, compile_without_warnings_or_spills) {
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    for (const int capability : {80, 90}) {
        const CudaProgram program = compile_cuda(std::string(gpu_data_source()), "benchmark_data", capability);
        EXPECT_EQ(program.warnings, "");
        EXPECT_EQ(program.kernels.size(), 4u);
        for (const KernelResources& kernel : program.kernels) EXPECT_EQ(kernel.spill_bytes, 0);
    }
}

}  // namespace
}  // namespace heddle::bench
