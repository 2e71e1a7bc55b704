// tests/textbook/sparse_product_test.cpp -- the sparse matrix of a product gives what the definition and its gradients
// give.
#include "dsl/sparse_product.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/toeplitz.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

/// "" when the three sparse sums equal evaluate()'s, to the last bit, on whole numbers.
std::string difference(const std::string& text) {
    const Pipeline forward = parse_pipeline(text);
    const AnyTensor y = forward.outputs[0], x = forward.find("x"), w = forward.find("w");
    const auto [dx, dw] = gradient(y, {x, w});
    const Pipeline backward = Pipeline::of({dx, dw});
    NamedBuffers buffers = random_inputs(forward, 3, true);
    buffers["dy"] = random_inputs(backward, 5, true).at("dy");
    NamedBuffers expected = evaluate(forward, random_inputs(forward, 3, true));
    expected.merge(evaluate(backward, {{"x", buffers["x"]}, {"w", buffers["w"]}, {"dy", buffers["dy"]}}));
    for (const SparseProduct& product :
         {sparse_forward(y, x), sparse_input_gradient(y, x), sparse_weight_gradient(y, x)}) {
        const std::string name = product.result().name();
        const Buffer found(expected.at(name).type(), expected.at(name).shape());
        found.poison();
        buffers[name] = found;
        product(buffers);
        const std::string wrong = first_difference(name, found, expected.at(name));
        if (!wrong.empty()) return text + "\n" + wrong;
    }
    return "";
}

TEST(SparseProduct, OfStridedDilatedPaddedConvolutions) {
    for (const int stride : {1, 2, 3})
        for (const int dilation : {1, 2})
            for (const int padding : {0, 1, 2})
                for (const int taps : {1, 2, 3}) {
                    const int size = 8, outputs = (size + 2 * padding - dilation * (taps - 1) - 1) / stride + 1;
                    ASSERT_EQ(difference(fmt::format("x: f32[2,3,{0}]; w: f32[4,3,{1}]; y: f32[2,4,{2}]\n"
                                                     "y[n,k,p] += zero(x)[n,c,{3}*p+{4}*r-{5}] * w[k,c,r]",
                                                     size, taps, outputs, stride, dilation, padding)),
                              "");
                }
}

TEST(SparseProduct, OfOtherProducts) {
    const char* const texts[] = {
        "x: f64[3,5,6]; w: f64[3,3,3]; y: f64[3,5,6]\ny[c,p,q] += circular(x)[c,p+r-1,q+s-1] * w[c,r,s]",
        "x: f32[2,6]; w: f32[4]; y: f32[2,6]\ny[n,p] += reflect(x)[n,p+r-2] * w[r]",
        "x: f32[2,6]; w: f32[4]; y: f32[2,6]\ny[n,p] += skip(x)[n,p+r-2] * w[r]",
        "x: f32[3,3,4,4]; w: f32[3,2,4,4]; y: f32[3,2,8,8]\ny[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * w[c,k,r,s]",
        "x: f32[5,7]; w: f32[4,7]; y: f32[5,4]\ny[n,k] += x[n,c] * w[k,c]",
        "x: f32[4,4]; w: f32[4]; y: f32[4]\ny[p] += x[p,p] * w[r] | r<4",
        "x: f32[6]; w: f32[5]; y: f32[9]\ny[p] += w[r] * zero(x)[p-r]",
    };
    for (const char* text : texts) EXPECT_EQ(difference(text), "");
}

TEST(SparseProduct, HasTheEntriesOfTheToeplitzMatrixOfOneImage) {
    const Pipeline conv = parse_pipeline(
        "x: f32[4,2,5,5]; w: f32[3,2,3,3]; y: f32[4,3,5,5]\ny[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]");
    const NamedBuffers ones{{"w", buffer_of(f32, {3, 2, 3, 3}, std::vector<double>(54, 1.0))}};
    const CsrMatrix matrix = toeplitz(conv.outputs[0], conv.inputs[0], ones);
    for (const SparseProduct& product :
         {sparse_forward(conv.outputs[0], conv.inputs[0]), sparse_weight_gradient(conv.outputs[0], conv.inputs[0])}) {
        EXPECT_EQ(product.vectors(), 4);
        EXPECT_EQ(product.entries() * product.vectors(), matrix.entries());
    }
}

TEST(SparseProduct, RefusesWhatIsNoMatrix) {
    const auto refusal = [](const std::string& text) {
        const Pipeline pipeline = parse_pipeline(text);
        return error_of([&] { sparse_forward(pipeline.outputs[0], pipeline.find("x")); });
    };
    EXPECT_EQ(refusal("x: f32[5]; y: f32[5]\ny[p] += x[p] * x[p]"), "y multiplies x with itself");
    EXPECT_EQ(refusal("x: f32[5]; y: f32[3]\ny[p] += x[p+r] | r<3"),
              "the sparse matrix of y: it takes one definition, a += of a product of two tensors, not y[p] += x[p+r] | "
              "r<3");
    EXPECT_EQ(refusal("x: f32[6]; w: f32[4]; y: f32[9]\ny[p] += constant(x, 2.0)[p-r] * w[r]"),
              "the sparse matrix of y: x is 2 outside, which is no element of it");
    const Pipeline linear = parse_pipeline("x: f32[5,7]; w: f32[4,7]; y: f32[5,4]\ny[n,k] += x[n,c] * w[k,c]");
    const SparseProduct product = sparse_forward(linear.outputs[0], linear.inputs[0]);
    EXPECT_EQ(error_of([&] {
                  product({{"x", Buffer(f32, {5, 7})}, {"y", Buffer(f32, {5, 4})}});
              }),
              "the sparse product of y needs a buffer for w");
    EXPECT_EQ(error_of([&] {
                  product({{"x", Buffer(f32, {7, 5})}, {"w", Buffer(f32, {4, 7})}, {"y", Buffer(f32, {5, 4})}});
              }),
              "the sparse product of y: x is f32 7x5; it takes a row-major f32 5x7 of the host");
}

}  // namespace
}  // namespace heddle::test
