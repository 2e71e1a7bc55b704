// tests/dsl/print_canonical_test.cpp -- canonical text: names do not matter; types, sizes and boundaries do.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

const char* const definition = "x: f32[8,9]; w: f32[3]\ny: f32[8,9]\ny[n,p] += zero(x)[n,p+r-1] * w[r]";

std::string canonical(const std::string& text) { return canonical_text(parse_pipeline(text)); }

TEST(print_canonical, numbers_tensors_and_variables) {
    EXPECT_EQ(canonical(definition),
              "t0: f32[8,9]\nt1: f32[3]\nt2: f32[8,9]\nt2[i0,i1] += zero(t0)[i0,i1+i2-1] * t1[i2]\n");
    EXPECT_EQ(canonical("Size in [1,5]; x: f32[Size]; y[k] = x[k] + f32(Size)"),
              "N0 in [1,5]\nt0: f32[N0]\nt1: f32[N0]\nt1[i0] = t0[i0] + f32(N0)\n");
}

TEST(print_canonical, renaming_does_not_change_it) {
    EXPECT_EQ(canonical("in: f32[8,9]; kernel: f32[3]\nout: f32[8,9]\n"
                        "out[a,b] += zero(in)[a,b+c-1] * kernel[c]"),
              canonical(definition));
    const char* tuple =
        "x: f32[4]; m: f32[]; s: f32[]\n"
        "(m[], s[]) reduce best {(-inf, 0); (a, b), (c, d) -> (max(a, c), b + d)} (x[n], 1)";
    const char* renamed =
        "v: f32[4]; p: f32[]; q: f32[]\n"
        "(p[], q[]) reduce top {(-inf, 0); (x, y), (z, w) -> (max(x, z), y + w)} (v[j], 1)";
    EXPECT_EQ(canonical(tuple), canonical(renamed));
}

TEST(print_canonical, a_stated_extent_that_is_inferred_anyway_does_not_change_it) {
    EXPECT_EQ(canonical(std::string(definition) + " | n<8 r<3"), canonical(definition));
}

class PrintCanonicalDiffers : public testing::TestWithParam<const char*> {};
TEST_P(PrintCanonicalDiffers, by_what_it_means) { EXPECT_NE(canonical(GetParam()), canonical(definition)); }
INSTANTIATE_TEST_SUITE_P(Texts, PrintCanonicalDiffers,
                         testing::Values("x: bf16[8,9]; w: f32[3]\ny: f32[8,9]\ny[n,p] += zero(x)[n,p+r-1] * w[r]",
                                         "x: f32[8,7]; w: f32[3]\ny: f32[8,9]\ny[n,p] += zero(x)[n,p+r-1] * w[r]",
                                         "x: f32[8,9]; w: f32[3]\ny: f32[8,9]\ny[n,p] += replicate(x)[n,p+r-1] * w[r]",
                                         "x: f32[8,9]; w: f32[3]\ny: f32[8,9]\ny[n,p] max= zero(x)[n,p+r-1] * w[r]",
                                         "x: f32[8,9]; w: f32[3]\ny: f32[8,9]\ny[n,p] += zero(x)[n,p+r-1] * w[r] | r<2",
                                         "x: f32[8,9]; w: f32[3]\ny: f16[8,9]\ny[n,p] += zero(x)[n,p+r-1] * w[r]"));

}  // namespace
}  // namespace heddle
