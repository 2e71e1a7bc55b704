// tests/textbook/routes_gpu_test.cpp -- explicit GEMM by cuBLAS beside the default kernels and the definition.
#include <gtest/gtest.h>

#include "codegen/library_kernel.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "runtime/cublas.h"
#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "schedules/explicit_gemm.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

Target this_device() { return Target::cuda(current_cuda_device().compute_capability); }

class gpu_explicit_gemm : public testing::TestWithParam<const char*> {};

/// "" when the pipeline, run by cuBLAS on poisoned outputs, gives these values to the last bit.
std::string difference(const Pipeline& pipeline, const NamedBuffers& seeded, const NamedBuffers& expected) {
    std::vector<std::pair<std::string, Buffer>> arguments;
    for (const AnyTensor& input : pipeline.inputs)
        arguments.emplace_back(input.name(), to_device(seeded.at(input.name())));
    for (const AnyTensor& output : pipeline.outputs) {
        const Buffer poisoned(output.type(), expected.at(output.name()).shape());
        poisoned.poison();
        arguments.emplace_back(output.name(), to_device(poisoned));
    }
    const LibraryKernel kernel = compile_with_library(pipeline, this_device());
    kernel(arguments);
    for (const auto& [name, found] : arguments)
        if (expected.count(name))
            if (const auto wrong = first_difference(name, to_host(found), expected.at(name)); !wrong.empty())
                return print(pipeline) + kernel.text() + wrong;
    return kernel.products() > 0 ? "" : "no product went to cuBLAS\n" + kernel.text();
}

TEST_P(gpu_explicit_gemm, gives_the_values_of_the_definition_and_its_gradients) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    if (const auto problem = cublas_problem()) GTEST_SKIP() << *problem;
    const Pipeline forward = parse_pipeline(GetParam());
    const AnyTensor y = forward.outputs[0], matrices = explicit_gemm(y);
    const Pipeline backward = Pipeline::of(gradient(y, forward.inputs));
    NamedBuffers seeded = random_inputs(backward, 5, true);
    for (const auto& [name, buffer] : random_inputs(forward, 3, true)) seeded[name] = buffer;
    const auto meaning = [&](const Pipeline& pipeline) {
        NamedBuffers given;
        for (const AnyTensor& input : pipeline.inputs) given[input.name()] = seeded.at(input.name());
        return evaluate(pipeline, given);
    };
    EXPECT_EQ(difference(Pipeline::of({matrices}), seeded, meaning(forward)), "");
    EXPECT_EQ(difference(explicit_gemm(Pipeline::of(gradient(matrices, forward.inputs))), seeded, meaning(backward)),
              "");
}

INSTANTIATE_TEST_SUITE_P(
    products, gpu_explicit_gemm,
    testing::Values(
        "x: f32[2,5,9,8]; w: f32[6,5,3,3]; b: f32[6]; y: f32[2,6,5,4]\ny[n,k,p,q] = b[k]\n"
        "y[n,k,p,q] += zero(x)[n,c,2*p+r-1,2*q+s-1] * w[k,c,r,s]",
        "x: f16[2,8,8,16]; w: f16[32,3,3,16]; y: f16[2,8,8,32]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
        "x: f64[2,3,4,4]; v: f64[3,2,4,4]; u: f64[2,2,8,8]\nu[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]",
        "x: f32[5,7]; w: f32[4,7]; y: f32[5,4]\ny[n,k] += x[n,c] * w[k,c]"));

TEST(gpu_explicit_gemm_layer, agrees_with_the_default_kernels) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    if (const auto problem = cublas_problem()) GTEST_SKIP() << *problem;
    const Pipeline forward = parse_pipeline(
        "x: f32[16,64,28,28]; w: f32[96,64,3,3]; y: f32[16,96,28,28]\n"
        "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]");
    const AnyTensor y = forward.outputs[0];
    const Pipeline pairs[][2] = {
        {forward, explicit_gemm(forward)},
        {Pipeline::of(gradient(y, forward.inputs)), Pipeline::of(gradient(explicit_gemm(y), forward.inputs))}};
    for (const auto& [definition, matrices] : pairs) {
        NamedBuffers buffers = random_inputs(definition, 3, true);
        std::vector<std::pair<std::string, Buffer>> arguments, by_library;
        for (const auto& [name, buffer] : buffers) arguments.emplace_back(name, to_device(buffer));
        by_library = arguments;
        for (const AnyTensor& output : definition.outputs) {
            std::vector<std::int64_t> shape;
            for (const Extent& extent : output.shape()) shape.push_back(extent.value());
            for (auto* list : {&arguments, &by_library}) list->emplace_back(output.name(), device_buffer(f32, shape));
        }
        compile(definition, this_device())(arguments);
        compile_with_library(matrices, this_device())(by_library);
        for (std::size_t i = buffers.size(); i < arguments.size(); ++i)
            EXPECT_EQ(first_difference(arguments[i].first, to_host(by_library[i].second), to_host(arguments[i].second)),
                      "");
    }
}

}  // namespace
}  // namespace heddle::test
