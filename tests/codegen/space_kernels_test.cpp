// tests/codegen/space_kernels_test.cpp -- candidates drawn from tuning spaces compile: for the host they give right
// results, for devices NVRTC makes kernels of them that can be launched.
#include <gtest/gtest.h>

#include "codegen/cuda_code.h"
#include "codegen/cuda_plan.h"
#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "runtime/cuda_limits.h"
#include "runtime/nvrtc.h"
#include "schedules/definition_facts.h"
#include "schedules/tuning_space.h"
#include "tests/support/compiled.h"
#include "tests/support/operator_texts.h"

namespace heddle::test {
namespace {

struct Stage {
    std::string name, text;
    int samples = 5;  ///< compiled for each device; few where NVRTC takes seconds
};
std::ostream& operator<<(std::ostream& out, const Stage& stage) { return out << stage.name; }

const Stage stages[] = {
    {"product",
     "x: bf16[16,28,28,128]\nw: bf16[128,3,3,128]\ny: bf16[16,28,28,128]\n"
     "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]"},
    {"product_f32", "x: f32[1024,512]\nw: f32[512,512]\ny[m,n] += x[m,k] * w[n,k]"},
    {"weight_gradient",
     "dy: bf16[16,28,28,64]\nx: bf16[16,28,28,64]\nr < 3\ns < 3\ndw: bf16[64,3,3,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]"},
    {"classes",
     "dy: f16[16,14,14,64]\nw: f16[64,3,3,64]\nr < 2\ns < 2\ndx: f16[16,28,28,64]\n"
     "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-r,(j+1)/2-s,k] * zero(w)[k,(i+1)%2+2*r,(j+1)%2+2*s,c]",
     4},
    {"window_in_rows",
     "x: f16[8,56,56,64]\nw: f16[3,3,64]\ny: f16[8,56,56,64]\n"
     "y[n,p,q,c] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c]"},
    {"window_in_planes",
     "x: f32[8,16,27,27]\nw: f32[16,3,3]\ny: f32[8,16,27,27]\n"
     "y[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[c,r,s]"},
    {"rows", "x: f32[256,1000]\nm[i] max= x[i,c]\ns[i] += exp(x[i,c]-m[i])\ny[i,c] = exp(x[i,c]-m[i])/s[i]"},
    {"columns", "x: f32[64,28,28,64]\ny[c] += x[n,p,q,c]"},
};

class SpaceKernels : public testing::TestWithParam<std::tuple<Stage, int>> {};

// What NVRTC says of a candidate; empty: a kernel that can be launched.
std::string problem_with(const Pipeline& pipeline, const Schedule& schedule, const Target& target) {
    try {
        const LoweredPlan plan = make_plan(pipeline, schedule, target, {true, false});
        for (const CudaSource& source : cuda_sources(plan, schedule)) {
            const CudaProgram program =
                compile_cuda(source.text, "candidate.cu", target.compute_capability, compile_options(source));
            if (!program.warnings.empty()) return program.warnings;
            for (const KernelResources& kernel : program.kernels)
                if (kernel.spill_bytes > 64) return std::to_string(kernel.spill_bytes) + " bytes of spills";
        }
    } catch (const std::exception& error) {
        return error.what();
    }
    return "";
}

TEST_P(SpaceKernels, CompileForDevices) {
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    const auto& [stage, capability] = GetParam();
    const Pipeline pipeline = parse_pipeline(stage.text);
    const Target target = Target::cuda(capability);
    const TuningSpace space = tuning_space(pipeline, target);
    int failed = 0;
    std::uint64_t state = 11;
    for (int i = 0; i < stage.samples; ++i) {
        const Schedule schedule = space.schedule(space.sample(state));
        const std::string problem = problem_with(pipeline, schedule, target);
        failed += problem.empty() ? 0 : 1;
        EXPECT_EQ(problem, "") << print(schedule);
    }
    EXPECT_LE(failed * 20, stage.samples);
}

INSTANTIATE_TEST_SUITE_P(Stages, SpaceKernels, testing::Combine(testing::ValuesIn(stages), testing::Values(80, 90)),
                         [](const auto& info) {
                             return std::get<0>(info.param).name + "_" + std::to_string(std::get<1>(info.param));
                         });

// Those that any numbers are inputs of: sizes are known, and no index is read from data.
std::vector<OperatorText> operators_on_any_numbers() {
    std::vector<OperatorText> operators;
    for (const OperatorText& op : operator_texts()) {
        const Pipeline pipeline = parse_pipeline(op.text);
        bool any = pipeline.parameters.empty();
        for (const PipelineStage& stage : pipeline.stages) any = any && !facts_of(*stage.definition).data_dependent;
        if (any) operators.push_back(op);
    }
    return operators;
}

class SpaceResults : public testing::TestWithParam<OperatorText> {};

TEST_P(SpaceResults, AreRightOnTheHost) {
    const Compiled compiled(GetParam().text, 1e-2);
    const Target target = Target::host();
    const TuningSpace space = tuning_space(compiled.pipeline(), target);
    std::uint64_t state = 5;
    for (int i = 0; i < 3; ++i) {
        const Schedule schedule = space.schedule(space.sample(state));
        EXPECT_EQ(compiled.difference(schedule, target), "") << print(schedule);
    }
}

INSTANTIATE_TEST_SUITE_P(Operators, SpaceResults, testing::ValuesIn(operators_on_any_numbers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
