// tests/codegen/empty_and_scalar_test.cpp -- sizes of zero and one, and tensors of no dimension.
#include <gtest/gtest.h>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

class EmptyAndScalar : public testing::TestWithParam<const char*> {};

TEST_P(EmptyAndScalar, GivesWhatEvaluateGives) {
    const Compiled compiled{std::string(GetParam())};
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference(Schedule()), "");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
}
INSTANTIATE_TEST_SUITE_P(
    All, EmptyAndScalar,
    testing::Values("x: f32[0,3]; y: f32[0,3]\ny[i,j] = x[i,j]", "x: f32[4,0]; y: f32[4]\ny[i] += x[i,j]",
                    "x: f32[4,0]; y: f32[4]\ny[i] *= x[i,j]",
                    "x: f32[0,5,5,3]; w: f32[3,3,3,4]; y: f32[0,5,5,4]\n"
                    "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c,k]",
                    "x: f32[]; y: f32[]\ny[] = x[] * 2.0", "x: f32[37]; y: f32[]\ny[] += x[i]",
                    "x: f32[7]; m: f32[]; y: f32[7]\nm[] max= x[i]\ny[i] = x[i] - m[]",
                    "x: f32[1,1,1,1]; w: f32[1,1,1,1]; y: f32[1,1,1,1]\n"
                    "y[n,k,p,q] += zero(x)[n,c,p+r,q+s] * w[k,c,r,s]",
                    "x: f32[1]; y: f32[1]\ny[i] = reflect(x)[i]",
                    "x: i8[37]; p: f64[]; i: i32[]\np[] *= f64(select(x[c] < 0, 2, 1))\ni[] argmax= x[c]\n"
                    "output p, i"));

}  // namespace
}  // namespace heddle::test
