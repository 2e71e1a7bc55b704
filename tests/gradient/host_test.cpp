// tests/gradient/host_test.cpp -- gradients on the host give what evaluate() gives, under many schedules.
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/random_schedule.h"

namespace heddle::test {
namespace {

struct Case {
    const char* name;
    const char* text;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case cases[] = {
    {"conv_nhwc",
     "x: f32[2,9,9,5]; w: f32[6,3,3,5]; y: f32[2,9,9,6]\n"
     "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]"},
    {"conv_nchw_strided",
     "x: f32[2,5,11,11]; w: f32[6,5,3,3]; b: f32[6]; y: f32[2,6,6,6]\n"
     "y[n,k,p,q] = b[k]\ny[n,k,p,q] += zero(x)[n,c,2*p+r-1,2*q+s-1] * w[k,c,r,s]"},
    {"conv_stride_past_kernel",
     "x: f32[2,8,8,5]; w: f32[6,1,1,5]; y: f32[2,4,4,6]\n"
     "y[n,p,q,k] += x[n,2*p+r,2*q+s,c] * w[k,r,s,c]"},
    {"conv_dilated",
     "x: f32[1,12,12,3]; w: f32[4,3,3,3]; y: f32[1,5,5,4]\n"
     "y[n,p,q,k] += zero(x)[n,2*p+2*r-1,2*q+2*s-1,c] * w[k,r,s,c]"},
    {"patches",
     "x: f32[2,8,8,3]; w: f32[6,4,4,3]; y: f32[2,2,2,6]\n"
     "y[n,p,q,k] += x[n,4*p+r,4*q+s,c] * w[k,r,s,c]"},
    {"transposed",
     "x: f32[2,5,5,3]; v: f32[3,4,4,4]; y: f32[2,10,10,4]\n"
     "y[n,2*p+r-1,2*q+s-1,k] += x[n,p,q,c] * v[c,k,r,s]"},
    {"depthwise",
     "x: f32[2,6,9,9]; w: f32[6,3,3]; y: f32[2,6,9,9]\n"
     "y[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[c,r,s]"},
    {"circular", "x: f32[3,9,8]; w: f32[3,3]; y: f32[3,9,8]\ny[c,p,q] += circular(x)[c,p+r-1,q+s-1] * w[r,s]"},
    {"reflect", "x: f32[3,9,8]; w: f32[3,3]; y: f32[3,9,8]\ny[c,p,q] += reflect(x)[c,p+r-1,q+s-1] * w[r,s]"},
    {"replicate", "x: f32[3,9,8]; w: f32[3,3]; y: f32[3,9,8]\ny[c,p,q] += replicate(x)[c,p+r-1,q+s-1] * w[r,s]"},
    {"max_pool", "x: f32[2,3,9,9]; y: f32[2,3,5,5]\ny[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3"},
    {"mean_pool", "x: f32[2,3,9,9]; y: f32[2,3,4,4]\ny[n,c,p,q] += x[n,c,2*p+r,2*q+s] * 0.25 | r<2 s<2"},
    {"linear", "x: f32[7,20]; w: f32[11,20]; b: f32[11]; y: f32[7,11]\ny[n,k] = b[k]\ny[n,k] += x[n,c] * w[k,c]"},
    {"relu_stages",
     "x: f32[2,9,9,5]; w: f32[6,3,3,5]; h: f32[2,9,9,6]\n"
     "h[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\ny[n,p,q,k] = max(h[n,p,q,k], 0.0)"},
    {"embedding", "x: f32[6,5]; t: i32[4]; y: f32[4,5]\ny[n,c] = x[index_clamped(t[n], 6),c] * 2.0"},
};

class GradientHost : public testing::TestWithParam<Case> {};

TEST_P(GradientHost, GivesWhatEvaluateGives) {
    const Pipeline forward = parse_pipeline(GetParam().text);
    std::vector<AnyTensor> wrt;
    for (const AnyTensor& input : forward.inputs)
        if (is_float(input.type())) wrt.push_back(input);
    std::uint64_t state = 3;
    for (const AnyTensor& dx : gradient(forward.outputs[0], wrt)) {
        const Compiled compiled(Pipeline::of({dx}));
        EXPECT_EQ(compiled.difference(), "") << dx.name();
        EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "") << dx.name();
        if (compiled.pipeline().stages.size() == 1) {  // of several stages few choices drawn at random fit together
            const Schedule sampled = sampled_schedule(compiled.pipeline(), Target::host(), state);
            EXPECT_EQ(compiled.difference(sampled), "") << dx.name();
        }
        EXPECT_EQ(compiled.difference(random_schedule(compiled.pipeline(), Target::host(), state)), "") << dx.name();
    }
}
INSTANTIATE_TEST_SUITE_P(All, GradientHost, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace heddle::test
