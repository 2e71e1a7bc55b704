// tests/codegen/scatter_test.cpp -- definitions that write at computed indices, and several definitions of one tensor.
#include <gtest/gtest.h>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

std::string with_type(std::string text, const std::string& type) {
    for (std::size_t at = text.find("TYPE"); at != std::string::npos; at = text.find("TYPE")) text.replace(at, 4, type);
    return text;
}

struct Case {
    const char* name;
    const char* text;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case cases[] = {
    {"transposed_conv",
     "x: TYPE[2,3,5,6]; v: TYPE[3,4,4,4]; u: TYPE[2,4,10,12]\n"
     "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]"},
    {"overlapping_windows", "x: TYPE[7,19]; u: TYPE[9,21]\nu[p+r,q+s] += x[p,q] | r<3 s<3"},
    {"stride_past_the_kernel", "x: TYPE[3,4]; v: TYPE[2,2]; u: TYPE[10,13]\nu[3*p+r,3*q+s] += x[p,q] * v[r,s]"},
    {"dropped_writes", "x: TYPE[6,20]; u: TYPE[4,17]\nu[p-1,2*q-5] += x[p,q]"},
    {"mirrored", "x: TYPE[9]; u: TYPE[12]\nu[10-n] += x[n]"},
    {"everything_in_one_place", "x: TYPE[5,7]; u: TYPE[3]\nu[0*n+1] += x[n,c]"},
    {"largest_of_windows", "x: TYPE[7,9]; u: TYPE[9,11]\nu[p+r,q+s] max= x[p,q] | r<3 s<3"},
    {"products", "x: TYPE[7]; u: TYPE[9]\nu[p+r] *= x[p] | r<3"},
    {"assigned", "x: TYPE[4,5]; u: TYPE[9,12]\nu[2*p+1,10-2*q] = x[p,q]"},
    {"assigned_then_scattered", "x: TYPE[6]; b: TYPE[13]; u: TYPE[13]\nu[n] = b[n]\nu[2*p+r] += x[p] | r<3"},
    {"scattered_twice", "x: TYPE[6]; b: TYPE[13]; u: TYPE[13]\nu[2*p+r] += x[p] | r<3\nu[12-n] += b[n]"},
    {"assigned_and_summed_twice", "x: TYPE[6,40]; u: TYPE[6]\nu[n] = x[n,0]\nu[n] += x[n,c]\nu[n] += x[n,39-c] | c<20"},
    {"read_after", "x: TYPE[6]; u: TYPE[13]; y: TYPE[13]\nu[2*p+r] += x[p] | r<3\ny[n] = u[n] + u[12-n]\noutput y, u"},
};

class Scatter : public testing::TestWithParam<std::tuple<Case, const char*>> {};

TEST_P(Scatter, GivesWhatEvaluateGives) {
    const auto& [c, type] = GetParam();
    const Compiled compiled(with_type(c.text, type));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference(Schedule(), Target::parse("host:avx2")), "");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
}
INSTANTIATE_TEST_SUITE_P(All, Scatter,
                         testing::Combine(testing::ValuesIn(cases), testing::Values("f32", "f16", "bf16", "i8", "i64")),
                         [](const auto& info) {
                             return std::string(std::get<0>(info.param).name) + "_" + std::get<1>(info.param);
                         });

// 2048 + 1 + 1 is 2050; a sum that rounds to f16 after each step stays at 2048.
TEST(ScatterRounding, HappensOnce) {
    const Buffer x(f16, {3});
    x.set({0}, 2048);
    x.set({1}, 1);
    x.set({2}, 1);
    const Tensor<1> t("x", f16, {3}), u("u", f16, {2});
    const Var n("n");
    u(Expr(n) / 3 + 1) += t(n);
    const Compiled compiled(Pipeline::of({u}), {{"x", x}});
    EXPECT_EQ(compiled.expected().at("u").get({1}), 2050);
    EXPECT_EQ(compiled.difference(), "");
}

}  // namespace
}  // namespace heddle::test
