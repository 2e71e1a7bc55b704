// tests/codegen/default_contraction_kernels_test.cpp -- default schedules of real layers compile for sm_80 and sm_90,
// without warnings and without spills.
#include <gtest/gtest.h>

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

class DefaultContractionKernels : public testing::TestWithParam<Layer> {};

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

TEST_P(DefaultContractionKernels, CompileWithoutSpills) {
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    for (const char* type : {"bf16", "f32"})
        for (const int capability : {80, 90})
            for (const Pipeline& pipeline : directions(GetParam(), type)) {
                const Schedule schedule = default_schedule(pipeline, Target::cuda(capability));
                SCOPED_TRACE(std::to_string(capability) + " " + print(schedule));
                const LoweredPlan plan = make_plan(pipeline, schedule, Target::cuda(capability), {true, false});
                for (const CudaSource& source : cuda_sources(plan, schedule)) {
                    CudaCompileOptions options;
                    for (const CudaKernel& kernel : source.kernels)
                        options.specific_features = options.specific_features || kernel.specific_features;
                    const CudaProgram program = compile_cuda(source.text, "layer.cu", capability, options);
                    EXPECT_EQ(program.warnings, "");
                    // The f32 gradient of a strided convolution, in pieces and classes, still spills a few registers.
                    const int allowed = GetParam().name == "stride_2" && std::string(type) == "f32" ? 80 : 0;
                    for (const KernelResources& kernel : program.kernels) EXPECT_LE(kernel.spill_bytes, allowed);
                }
            }
}

INSTANTIATE_TEST_SUITE_P(Layers, DefaultContractionKernels, testing::ValuesIn(layers),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
