// tests/codegen/default_contraction_kernels_test.cpp -- default schedules of real layers compile for sm_80 and sm_90,
// without warnings and without spills.
#include <gtest/gtest.h>

#include <future>
#include <tuple>

#include "codegen/cuda_plan.h"
#include "codegen/make_plan.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "runtime/nvrtc.h"
#include "schedules/schedule.h"

namespace heddle::test {
namespace {

struct Layer {
    std::string name, x, w, y, indices;
};
std::ostream& operator<<(std::ostream& out, const Layer& layer) { return out << layer.name; }

const std::string same = "n,p+r-1,q+s-1,c", halves = "n,2*p+r-1,2*q+s-1,c", points = "n,p+r,q+s,c";

const Layer layers[] = {
    {"wide", "32,28,28,512", "512,3,3,512", "32,28,28,512", same},
    {"narrow", "64,56,56,64", "64,3,3,64", "64,56,56,64", same},
    {"small_images", "64,14,14,256", "256,3,3,256", "64,14,14,256", same},
    {"one_image", "1,14,14,256", "256,3,3,256", "1,14,14,256", same},
    {"stride_2", "64,56,56,128", "128,3,3,128", "64,28,28,128", halves},
    {"points", "64,56,56,64", "256,1,1,64", "64,56,56,256", points},
};

class DefaultContractionKernels : public testing::TestWithParam<std::tuple<Layer, std::string, int>> {};

// Forward and both gradients.
std::vector<Pipeline> directions(const Layer& layer, const std::string& type) {
    const Pipeline forward =
        parse_pipeline("x: " + type + "[" + layer.x + "]\nw: " + type + "[" + layer.w + "]\ny: " + type + "[" +
                       layer.y + "]\ny[n,p,q,k] += zero(x)[" + layer.indices + "] * w[k,r,s,c]");
    std::vector<Pipeline> pipelines = {forward};
    for (const AnyTensor& by : forward.inputs)
        pipelines.push_back(Pipeline::of(gradient(forward.outputs[0], std::vector<AnyTensor>{by})));
    return pipelines;
}

struct Compiled {
    Schedule schedule;
    std::vector<CudaProgram> programs;
};

Compiled compiled(const Pipeline& pipeline, int capability) {
    Compiled result;
    result.schedule = default_schedule(pipeline, Target::cuda(capability));
    const LoweredPlan plan = make_plan(pipeline, result.schedule, Target::cuda(capability), {true, false});
    for (const CudaSource& source : cuda_sources(plan, result.schedule)) {
        CudaCompileOptions options;
        for (const CudaKernel& kernel : source.kernels)
            options.specific_features = options.specific_features || kernel.specific_features;
        result.programs.push_back(compile_cuda(source.text, "layer.cu", capability, options));
    }
    return result;
}

TEST_P(DefaultContractionKernels, CompileWithoutSpills) {
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    const auto& [layer, type, capability] = GetParam();
    std::vector<std::future<Compiled>> kernels;
    for (const Pipeline& pipeline : directions(layer, type))
        kernels.push_back(std::async(std::launch::async, compiled, pipeline, capability));
    for (std::future<Compiled>& each : kernels) {
        const Compiled kernel = each.get();
        SCOPED_TRACE(print(kernel.schedule));
        ASSERT_FALSE(kernel.programs.empty());
        for (const CudaProgram& program : kernel.programs) {
            EXPECT_EQ(program.warnings, "");
            for (const KernelResources& resources : program.kernels) EXPECT_EQ(resources.spill_bytes, 0);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Layers, DefaultContractionKernels,
                         testing::Combine(testing::ValuesIn(layers), testing::Values("bf16", "f32"),
                                          testing::Values(80, 90)),
                         [](const auto& info) {
                             return std::get<0>(info.param).name + "_" + std::get<1>(info.param) + "_sm_" +
                                    std::to_string(std::get<2>(info.param));
                         });

}  // namespace
}  // namespace heddle::test
