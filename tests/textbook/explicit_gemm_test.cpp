// tests/textbook/explicit_gemm_test.cpp -- a product over windows as columns and a product of matrices: the same
// values.
#include "schedules/explicit_gemm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

std::string definitions(const AnyTensor& output) {
    std::string text;
    for (const PipelineStage& stage : Pipeline::of({output}).stages) text += print(*stage.definition) + "\n";
    return text;
}
AnyTensor parsed(const std::string& text) { return parse_pipeline(text).outputs[0]; }

TEST(ExplicitGemm, OfAConvolutionIsIm2col) {
    EXPECT_EQ(definitions(explicit_gemm(
                  parsed("x: f32[2,3,8,8]; w: f32[5,3,3,3]; b: f32[5]; y: f32[2,5,4,4]\ny[n,k,p,q] = b[k]\n"
                         "y[n,k,p,q] += zero(x)[n,c,2*p+r-1,2*q+s-1] * w[k,c,r,s]"))),
              "y_ones[n,p,q] = 1.0\n"
              "y[n,k,p,q] += y_ones[n,p,q] * b[k]\n"
              "x_columns[n,c,r,s,p,q] = zero(x)[n,c,2*p+r-1,2*q+s-1]\n"
              "y[n,k,p,q] += x_columns[n,c,r,s,p,q] * w[k,c,r,s]\n");
}

TEST(ExplicitGemm, WithChannelsLastHasRowsOfChannels) {
    EXPECT_EQ(definitions(explicit_gemm(parsed("x: f32[2,8,8,16]; w: f32[5,3,3,16]; y: f32[2,8,8,5]\n"
                                               "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]"))),
              "x_columns[n,p,q,r,s,c] = zero(x)[n,p+r-1,q+s-1,c]\n"
              "y[n,p,q,k] += x_columns[n,p,q,r,s,c] * w[k,r,s,c]\n");
}

TEST(ExplicitGemm, OfATransposedConvolutionIsCol2im) {
    EXPECT_EQ(definitions(explicit_gemm(parsed("x: f32[2,3,4,4]; v: f32[3,5,4,4]; u: f32[2,5,8,8]\n"
                                               "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]"))),
              "u_columns[n,k,r,s,p,q] += x[n,c,p,q] * v[c,k,r,s]\n"
              "u[n,k,2*p+r-1,2*q+s-1] += u_columns[n,k,r,s,p,q]\n");
}

TEST(ExplicitGemm, LeavesPlainProductsAndOtherStagesAlone) {
    const std::string text = "h[n,k] += x[n,c] * w[k,c]\ny[n,k] = max(h[n,k], 0.0)\n";
    EXPECT_EQ(definitions(explicit_gemm(parsed("x: f32[5,7]; w: f32[4,7]\n" + text))), text);
}

TEST(ExplicitGemm, GradientsAreProductsAndTheAdjointOfIm2col) {
    const AnyTensor y =
        explicit_gemm(parsed("x: f32[2,3,8,8]; w: f32[5,3,3,3]; b: f32[5]; y: f32[2,5,8,8]\ny[n,k,p,q] = b[k]\n"
                             "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]"));
    const Pipeline forward = Pipeline::of({y});
    const std::string text =
        print(Pipeline::of(gradient(y, std::vector{forward.find("x"), forward.find("w"), forward.find("b")})));
    for (const char* line :
         {"dx_columns[n,c,r,s,p,q] += dy[n,k,p,q] * w[k,c,r,s]\n",
          "dx[n,c,i,j] += zero(dx_columns)[n,c,r,s,i-r+1,j-s+1]\n",
          "dw[k,c,r,s] += dy[n,k,p,q] * x_columns[n,c,r,s,p,q]\n", "db[k] += dy[n,k,p,q] * y_ones[n,p,q]\n"})
        EXPECT_NE(text.find(line), std::string::npos) << text << "has no\n" << line;
}

/// "" when the rewritten definition and its gradients give the same values.
std::string difference(const std::string& text) {
    const Pipeline forward = parse_pipeline(text);
    const AnyTensor y = forward.outputs[0], rewritten = explicit_gemm(y);
    const Pipeline backward = Pipeline::of(gradient(y, forward.inputs)),
                   matrices = explicit_gemm(Pipeline::of(gradient(rewritten, forward.inputs)));
    const NamedBuffers inputs = random_inputs(forward, 3, true);
    NamedBuffers seeded = random_inputs(backward, 5, true);
    for (const auto& [name, buffer] : inputs) seeded[name] = buffer;
    const auto given = [&](const Pipeline& pipeline) {
        NamedBuffers found;
        for (const AnyTensor& input : pipeline.inputs) found[input.name()] = seeded.at(input.name());
        return found;
    };
    const auto compare = [&](const Pipeline& a, const Pipeline& b) {
        const NamedBuffers expected = evaluate(a, given(a)), found = evaluate(b, given(b));
        for (const auto& [name, buffer] : expected)
            if (const auto wrong = first_difference(name, found.at(name), buffer); !wrong.empty())
                return text + "\n" + print(b) + wrong;
        return std::string();
    };
    const std::string wrong = compare(forward, Pipeline::of({rewritten}));
    return wrong.empty() ? compare(backward, matrices) : wrong;
}

TEST(ExplicitGemm, GivesTheSameValues) {
    for (const char* mode : {"zero", "replicate", "reflect", "circular", "skip"})
        for (const int stride : {1, 2, 3})
            for (const int dilation : {1, 2})
                for (const int padding : {0, 2})
                    ASSERT_EQ(difference(fmt::format(
                                  "x: f32[2,3,7]; w: f32[4,3,3]; b: f32[4]; y: f32[2,4,{0}]\ny[n,k,p] = b[k]\n"
                                  "y[n,k,p] += {4}(x)[n,c,{1}*p+{2}*r-{3}] * w[k,c,r]",
                                  (7 + 2 * padding - 2 * dilation - 1) / stride + 1, stride, dilation, padding, mode)),
                              "");
}

TEST(ExplicitGemm, GivesTheSameValuesOfOtherProducts) {
    for (const char* text : {
             "x: f32[2,3,4,4]; v: f32[3,2,4,4]; u: f32[2,2,8,8]\nu[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]",
             "x: f32[2,4,6]; w: f32[4,3]; y: f32[2,4,6]\ny[n,c,p] += zero(x)[n,c,p+r-1] * w[c,r]",
             "x: f32[2,6,7]; w: f32[3,2,2,3]; y: f32[2,3,2,5]\ny[n,g,k,p] += x[n,2*g+c,p+r] * w[g,k,c,r]",
             "x: f32[4,4]; w: f32[4]; y: f32[4]\ny[p] += x[p,p] * w[r] | r<4",
             "x: f32[9]; w: f32[4]; y: f32[6]\ny[p] += x[p+r] * w[r]",
         })
        EXPECT_EQ(difference(text), "");
}

}  // namespace
}  // namespace heddle::test
