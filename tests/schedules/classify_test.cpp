// tests/schedules/classify_test.cpp -- the family of a definition, and M, N, K and batch variables of a product-sum.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/tuning_space.h"

namespace heddle {
namespace {

std::string names(const std::vector<Symbol>& symbols) {
    std::string text;
    for (const Symbol& s : symbols) text += s.name();
    return text;
}

struct Case {
    const char* what;
    const char* definition;
    Family family;
    const char *m, *n, *k, *batch;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.what; }

class ClassifyTest : public testing::TestWithParam<Case> {};

TEST_P(ClassifyTest, FindsTheFamilyAndTheGroups) {
    const Case& c = GetParam();
    ParseContext context;
    const std::vector<AnyTensor> tensors = parse_definitions(c.definition, context);
    const Pipeline pipeline = Pipeline::of({tensors.back()});
    const Classification found = classify(*pipeline.stages.back().definition);
    EXPECT_EQ(name_of(found.family), name_of(c.family));
    EXPECT_EQ(names(found.m), c.m);
    EXPECT_EQ(names(found.n), c.n);
    EXPECT_EQ(names(found.k), c.k);
    EXPECT_EQ(names(found.batch), c.batch);
    EXPECT_EQ(found.a.defined(), c.family == Family::contraction);
}

INSTANTIATE_TEST_SUITE_P(
    Definitions, ClassifyTest,
    testing::Values(
        Case{"convolution",
             "x: f32[2,8,8,4]; w: f32[6,3,3,4]; y: f32[2,8,8,6]\n"
             "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
             Family::contraction, "npq", "k", "rsc", ""},
        Case{"grouped convolution",
             "x: f32[2,8,8,3,4]; w: f32[3,6,3,3,4]; y: f32[2,8,8,3,6]\n"
             "y[n,p,q,g,k] += zero(x)[n,p+r-1,q+s-1,g,c] * w[g,k,r,s,c]",
             Family::contraction, "npq", "k", "rsc", "g"},
        Case{"linear", "x: f32[4,8]; w: f32[6,8]\ny[n,k] += x[n,c] * w[k,c]", Family::contraction, "n", "k", "c", ""},
        Case{"weight gradient",
             "g: f32[2,6,6,5]; x: f32[2,8,8,4]; d: f32[5,3,3,4]\nd[k,r,s,c] += g[n,p,q,k] * x[n,p+r,q+s,c]",
             Family::contraction, "k", "rsc", "npq", ""},
        Case{"depthwise convolution",
             "x: f32[2,8,8,4]; w: f32[3,3,4]; y: f32[2,6,6,4]\ny[n,p,q,c] += x[n,p+r,q+s,c] * w[r,s,c]",
             Family::stencil, "", "", "", ""},
        Case{"pooling", "x: f32[2,8,8,4]; y: f32[2,4,4,4]; r < 2; s < 2\ny[n,p,q,c] max= x[n,2*p+r,2*q+s,c]",
             Family::stencil, "", "", "", ""},
        Case{"scatter", "x: f32[4,8]; v: f32[8,3,5]; y: f32[5,9]\ny[k,2*p+r-1] += x[p,c] * v[c,r,k]", Family::stencil,
             "", "", "", ""},
        Case{"outer product", "x: f32[4]; w: f32[6]\ny[n,k] = x[n] * w[k]", Family::stencil, "", "", "", ""},
        Case{"sum of squares", "x: f32[4,8]\ny[n] += x[n,c] * x[n,c]", Family::reduction, "", "", "", ""},
        Case{"row sums", "x: f32[4,8]\ny[n] += exp(x[n,c])", Family::reduction, "", "", "", ""},
        Case{"matrix times vector", "x: f32[4,8]; v: f32[8]\ny[n] += x[n,c] * v[c]", Family::reduction, "", "", "", ""},
        Case{"column sums", "x: f32[4,8]\ny[c] += x[n,c]", Family::stencil, "", "", "", ""}));

}  // namespace
}  // namespace heddle
