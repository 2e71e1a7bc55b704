// tests/gradient/matrix_transpose_test.cpp -- the matrix of a derived adjoint is the transpose, entry by entry.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "dsl/toeplitz.h"
#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

/// "" when the matrix of dx as a function of dy is the transpose of y's as a function of x, its zeros left out.
std::string difference(const std::string& text) {
    const Pipeline forward = parse_pipeline(text);
    const AnyTensor y = forward.outputs[0], x = forward.find("x");
    const NamedBuffers buffers = random_inputs(forward, 3, true);
    const auto [dx] = gradient(y, {x});
    const AnyTensor dy = Pipeline::of({dx}).find("dy");
    const CsrMatrix expected = toeplitz(y, x, buffers).transposed(), found = toeplitz(dx, dy, buffers);
    return found == expected ? "" : text + "\n" + print(Pipeline::of({dx}));
}

TEST(MatrixTranspose, OfStridedDilatedConvolutions) {
    for (const int stride : {1, 2, 3, 4})
        for (const int dilation : {1, 2, 3})
            for (const int padding : {0, 1, 2})
                for (const int taps : {1, 2, 3}) {
                    const int size = 9, outputs = (size + 2 * padding - dilation * (taps - 1) - 1) / stride + 1;
                    ASSERT_EQ(difference(fmt::format("x: f32[2,{0}]; w: f32[3,2,{1}]; y: f32[3,{2}]\n"
                                                     "y[k,p] += zero(x)[c,{3}*p+{4}*r-{5}] * w[k,c,r]",
                                                     size, taps, outputs, stride, dilation, padding)),
                              "");
                }
}

TEST(MatrixTranspose, OfEveryBoundary) {
    for (const char* mode : {"zero", "replicate", "reflect", "symmetric", "circular", "skip"})
        for (const int stride : {1, 2})
            for (const int padding : {0, 1, 3})
                for (const int taps : {3, 4})
                    ASSERT_EQ(difference(
                                  fmt::format("x: f32[6]; w: f32[{3}]; y: f32[{4}]\ny[p] += {0}(x)[{1}*p+r-{2}] * w[r]",
                                              mode, stride, padding, taps, (6 + 2 * padding - taps) / stride + 1)),
                              "");
}

TEST(MatrixTranspose, OfBoundariesThatAreLeftOnOneSide) {
    for (const char* mode : {"zero", "replicate", "reflect", "symmetric", "circular", "skip"})
        for (const int first : {0, -1, -2})  // p + r leaves at the end, at both, at the beginning
            ASSERT_EQ(
                difference(fmt::format("x: f32[6]; w: f32[3]; y: f32[6]\ny[p] += {}(x)[p+r+{}] * w[r]", mode, first)),
                "");
}

TEST(MatrixTranspose, OfWindowsThatRunBackwards) {
    for (const int stride : {1, 2, 3})
        for (const int dilation : {-2, -1, 1, 2})
            ASSERT_EQ(difference(fmt::format("x: f32[14]; w: f32[3]; y: f32[5]\ny[p] += zero(x)[12-{}*p+{}*r] * w[r]",
                                             stride, dilation)),
                      "");
}

TEST(MatrixTranspose, InSeveralDimensionsAndStages) {
    const char* const texts[] = {
        "x: f32[5,6]; w: f32[3,3]; y: f32[5,6]\ny[p,q] += circular(x)[p+r-1,q+s-1] * w[r,s]",
        "x: f32[5,6]; w: f32[3,3]; y: f32[5,6]\ny[p,q] += reflect(x)[p+r-1,q+s-1] * w[r,s]",
        "x: f32[5,6]; w: f32[3,3]; y: f32[5,6]\ny[p,q] += replicate(x)[p+r-1,q+s-1] * w[r,s]",
        "x: f32[3,4,4]; v: f32[3,2,4,4]; y: f32[2,8,8]\ny[k,2*p+r-1,2*q+s-1] += x[c,p,q] * v[c,k,r,s]",
        "x: f32[9]\nh[i] = reflect(x)[i-1] + 2.0 * x[i] + reflect(x)[i+1]\ny[i] = zero(h)[i-1] - h[i] + h[8-i]",
        "x: f32[8]; w: f32[3]; y: f32[5]\ny[p] = x[p] | p<5\ny[p] += x[p+r+1] * w[r]",
        "x: f32[4,4]; y: f32[16]\ny[4*p+q] = x[p,q]",
        "x: f32[8,4,15]; y: f32[1,8]\ny[i,l] += x[l,2*i%4,2*l+i] | i<1",
        "x: f32[1]; y: f32[3]\ny[p] += x[s/3] | s<2",
        "x: f32[12]; y: f32[12]\ny[p] = x[p/2] + x[p%4] + x[(p+1)/3]",
        "x: f32[7,7]; y: f32[7]\ny[p] = x[p,p] + 2.0 * x[p,6-p]",
        "x: f32[6]; w: f32[4]; y: f32[9]\ny[p] += constant(x, 2.0)[p-r] * w[r]",
    };
    for (const char* text : texts) EXPECT_EQ(difference(text), "");
}

TEST(MatrixTranspose, OfWhatIsNotLinearIsRefused) {
    const Pipeline square = parse_pipeline("x: f32[5]\ny[p] = x[p] * x[p]");
    expect_refusal([&] { toeplitz(square.outputs[0], square.inputs[0], {}); },
                   "y is not linear in x: x is multiplied by");
    const Pipeline largest = parse_pipeline("x: f32[5]; y: f32[3]\ny[p] max= x[p+r] | r<3");
    expect_refusal([&] { toeplitz(largest.outputs[0], largest.inputs[0], {}); }, "it is updated by max=");
}

}  // namespace
}  // namespace heddle::test
