// tests/gradient/convolution_test.cpp -- the gradients of a convolution are the textbook's, as gathers.
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/print.h"

namespace heddle::test {
namespace {

std::string text_of(const AnyTensor& tensor, int definition = 0) {
    return print(*tensor.node()->definitions.at(definition));
}

struct ConvolutionGradient : testing::Test {
    Tensor<4> x{"x", f32, {2, 3, 8, 8}}, w{"w", f32, {5, 3, 3, 3}};
    Var n{"n"}, k{"k"}, p{"p"}, q{"q"};
    RVar c{"c"}, r{"r"}, s{"s"};
};

TEST_F(ConvolutionGradient, OfStrideOne) {
    Tensor<4> y("y", f32, {2, 5, 8, 8});
    y(n, k, p, q) += zero(x)(n, c, p + r - 1, q + s - 1) * w(k, c, r, s);
    const auto [dx, dw] = gradient(y, {x, w});
    EXPECT_EQ(text_of(dx), "dx[n,c,i,j] += zero(dy)[n,k,i-r+1,j-s+1] * w[k,c,r,s]");
    EXPECT_EQ(text_of(dw), "dw[k,c,r,s] += dy[n,k,p,q] * zero(x)[n,c,p+r-1,q+s-1]");
}

TEST_F(ConvolutionGradient, OfStrideTwoHasClasses) {
    Tensor<4> y("y", f32, {2, 5, 4, 4});
    y(n, k, p, q) += zero(x)(n, c, 2 * p + r - 1, 2 * q + s - 1) * w(k, c, r, s);
    const auto [dx, dw] = gradient(y, {x, w});
    EXPECT_EQ(text_of(dx),
              "dx[n,c,i,j] += zero(dy)[n,k,(i+1)/2-a,(j+1)/2-b] * zero(w)[k,c,2*a+(i+1)%2,2*b+(j+1)%2] | a<2 b<2");
    EXPECT_EQ(text_of(dw), "dw[k,c,r,s] += dy[n,k,p,q] * zero(x)[n,c,2*p+r-1,2*q+s-1]");
}

TEST_F(ConvolutionGradient, OfABiasIsASum) {
    Tensor<1> b("b", f32, {5});
    Tensor<4> y("y", f32, {2, 5, 8, 8});
    y(n, k, p, q) = b(k);
    y(n, k, p, q) += zero(x)(n, c, p + r - 1, q + s - 1) * w(k, c, r, s);
    const auto [db] = gradient(y, {b});
    EXPECT_EQ(text_of(db), "db[k] += dy[n,k,p,q]");
}

TEST_F(ConvolutionGradient, OfATransposedConvolutionIsAConvolution) {
    Tensor<4> v("v", f32, {3, 5, 4, 4}), u("u", f32, {2, 5, 16, 16});
    u(n, k, 2 * p + r - 1, 2 * q + s - 1) += x(n, c, p, q) * v(c, k, r, s);
    const auto [dx] = gradient(u, {x});
    EXPECT_EQ(text_of(dx), "dx[n,c,p,q] += zero(du)[n,k,2*p+r-1,2*q+s-1] * v[c,k,r,s]");
}

}  // namespace
}  // namespace heddle::test
