// tests/textbook/library_kernel_test.cpp -- explicit GEMM by a BLAS: the values of the definition, forward and
// gradients.
#include "codegen/library_kernel.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "runtime/blas.h"
#include "schedules/explicit_gemm.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

LibraryKernel compiled(const Pipeline& pipeline) {
    CompileOptions options;
    options.use_database = options.use_cache = false;
    return compile_with_library(pipeline, Target::host(), options);
}

/// "" when the pipeline, run by the library, gives evaluate()'s values of `meaning`, to the last bit.
std::string difference(const Pipeline& pipeline, const Pipeline& meaning, NamedBuffers seeded) {
    NamedBuffers given;
    for (const AnyTensor& input : meaning.inputs) given[input.name()] = seeded.at(input.name());
    const NamedBuffers expected = evaluate(meaning, given);
    std::vector<std::pair<std::string, Buffer>> arguments;
    for (const AnyTensor& input : pipeline.inputs) arguments.emplace_back(input.name(), seeded.at(input.name()));
    for (const AnyTensor& output : pipeline.outputs) {
        arguments.emplace_back(output.name(), Buffer(output.type(), expected.at(output.name()).shape()));
        arguments.back().second.poison();
    }
    const LibraryKernel kernel = compiled(pipeline);
    for (int call = 0; call < 2; ++call) kernel(arguments);  // what lies between the steps may hold anything
    for (const auto& [name, found] : arguments)
        if (expected.count(name))
            if (const auto wrong = first_difference(name, found, expected.at(name)); !wrong.empty())
                return print(pipeline) + kernel.text() + wrong;
    return "";
}

std::string difference(const std::string& text) {
    const Pipeline forward = parse_pipeline(text);
    const AnyTensor y = forward.outputs[0], matrices = explicit_gemm(y);
    const Pipeline backward = Pipeline::of(gradient(y, forward.inputs));
    NamedBuffers seeded = random_inputs(backward, 5, true);
    for (const auto& [name, buffer] : random_inputs(forward, 3, true)) seeded[name] = buffer;
    const std::string wrong = difference(Pipeline::of({matrices}), forward, seeded);
    return wrong.empty() ? difference(explicit_gemm(Pipeline::of(gradient(matrices, forward.inputs))), backward, seeded)
                         : wrong;
}

TEST(LibraryKernel, GivesTheValuesOfConvolutions) {
    if (const auto problem = blas_problem()) GTEST_SKIP() << *problem;
    for (const int stride : {1, 2})
        for (const int dilation : {1, 2})
            for (const char* types : {"f32", "f64"})
                ASSERT_EQ(
                    difference(fmt::format(
                        "x: {3}[2,3,7,6]; w: {3}[4,3,3,2]; b: {3}[4]; y: {3}[2,4,{0},{1}]\ny[n,k,p,q] = b[k]\n"
                        "y[n,k,p,q] += zero(x)[n,c,{2}*p+{4}*r-1,{2}*q+s-1] * w[k,c,r,s]",
                        (7 + 2 - 2 * dilation - 1) / stride + 1, (6 + 2 - 2) / stride + 1, stride, types, dilation)),
                    "");
}

TEST(LibraryKernel, GivesTheValuesOfOtherProducts) {
    if (const auto problem = blas_problem()) GTEST_SKIP() << *problem;
    for (const char* text : {
             "x: f32[2,5,5,3]; w: f32[4,3,3,3]; y: f32[2,5,5,4]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
             "x: f32[2,3,4,4]; v: f32[3,2,4,4]; u: f32[2,2,8,8]\nu[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]",
             "x: f32[2,4,6]; w: f32[4,3]; y: f32[2,4,6]\ny[n,c,p] += zero(x)[n,c,p+r-1] * w[c,r]",
             "x: f32[2,6,7]; w: f32[3,2,2,3]; y: f32[2,3,2,5]\ny[n,g,k,p] += x[n,2*g+c,p+r] * w[g,k,c,r]",
             "x: f32[5,7]; w: f32[4,7]; b: f32[4]; y: f32[5,4]\ny[n,k] = b[k]\ny[n,k] += x[n,c] * w[k,c]",
             "x: f32[5,7]; w: f32[4,7]; b: f32[4]; y: f32[5,4]\ny[n,k] = 2.0 * b[k]\nh[n,c] = x[n,c] + 1.0\n"
             "y[n,k] += h[n,c] * w[k,c]",
             "x: f32[5,7]; w: f32[4,7]; y: f32[5,4]\ny[n,k] += x[n,c] * w[k,c]\nh[n,c] = x[n,c] + 1.0\n"
             "y[n,k] += h[n,c] * h[n,c] * w[k,c]",
             "x: f32[1,1,3]; w: f32[1,1,3]; y: f32[1,1,1]\ny[n,k,p] += x[n,c,p+r] * w[k,c,r]",
         })
        EXPECT_EQ(difference(text), "");
}

TEST(LibraryKernel, SaysWhatItDoes) {
    if (const auto problem = blas_problem()) GTEST_SKIP() << *problem;
    const AnyTensor y =
        explicit_gemm(parse_pipeline("x: f32[2,3,8,8]; w: f32[5,3,3,3]; b: f32[5]; y: f32[2,5,8,8]\ny[n,k,p,q] = b[k]\n"
                                     "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]")
                          .outputs[0]);
    const LibraryKernel forward = compiled(Pipeline::of({y}));
    EXPECT_EQ(forward.text(), "y_ones: kernel\nx_columns: kernel\ny: 2 x [64,1] * [1,5]\ny: 2 x [64,27] * [27,5]\n");
    EXPECT_EQ(forward.products(), 4);
    EXPECT_EQ(forward.scratch_bytes(), 4 * (2 * 64 + 2 * 27 * 64));
    const Pipeline backward = Pipeline::of(gradient(y, Pipeline::of({y}).inputs));
    EXPECT_EQ(compiled(backward).products(), 3 * 2) << compiled(backward).text();
}

TEST(LibraryKernel, RefusesOtherBuffersAndSchedules) {
    if (const auto problem = blas_problem()) GTEST_SKIP() << *problem;
    const Pipeline linear = parse_pipeline("x: f32[5,7]; w: f32[4,7]; y: f32[5,4]\ny[n,k] += x[n,c] * w[k,c]");
    const LibraryKernel kernel = compiled(linear);
    const Buffer x(f32, {5, 7}), w(f32, {4, 7}), y(f32, {5, 4});
    EXPECT_EQ(error_of([&] { kernel({{"x", x}, {"w", w}, {"y", y}}); }), "no error");
    EXPECT_EQ(error_of([&] { kernel({{"x", x}, {"y", y}}); }), "a call without a buffer for w");
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", x}, {"w", w.permuted({1, 0})}, {"y", y}});
              }),
              "w is f32 7x4; a run by a library takes a row-major f32 4x7 of the host");
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", x}, {"w", w}, {"y", y}, {"z", y}});
              }),
              "a call takes exactly the buffers x, w, y");
    CompileOptions options;
    options.schedule = Schedule();
    expect_refusal([&] { compile_with_library(linear, Target::host(), options); }, "takes no schedule");
}

}  // namespace
}  // namespace heddle::test
