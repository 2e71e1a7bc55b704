// tests/emulator/default_contractions_test.cpp -- default schedules of products large enough for tensor cores.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/loop_nest.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

struct Contraction {
    std::string name, text;
    int compute_capability = 90;
};
std::ostream& operator<<(std::ostream& out, const Contraction& one) { return out << one.name; }

const Contraction contractions[] = {
    {"channels_last",
     "x: bf16[1,16,16,64]\nw: bf16[40,3,3,64]\ny: bf16[1,16,16,40]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * "
     "w[k,r,s,c]"},
    {"channels_last_before_wgmma",
     "x: f16[1,16,16,64]\nw: f16[40,3,3,64]\ny: f16[1,16,16,40]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
     80},
    {"channels_first",
     "x: bf16[1,40,16,16]\nw: bf16[48,40,3,3]\ny: f32[1,48,16,16]\ny[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * "
     "w[k,c,r,s]"},
    {"few_channels",
     "x: f32[1,20,24,3]\nw: f32[64,7,7,3]\ny: f32[1,20,24,64]\ny[n,p,q,k] += zero(x)[n,p+r-3,q+s-3,c] * w[k,r,s,c]"},
    {"weight_gradient",
     "dy: bf16[1,16,16,64]\nx: bf16[1,16,16,40]\nr < 3\ns < 3\ndw: f32[64,3,3,40]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]"},
    {"f32_product",
     "x: f32[200,150]\nw: f32[150,170]\nb: f32[170]\ny: f32[200,170]\ny[m,n] = b[n]\ny[m,n] += x[m,k] * w[k,n]"},
    {"bytes",
     "x: i8[1,16,16,64]\nw: i8[40,3,3,64]\ny: i32[1,16,16,40]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]"},
    {"bytes_channels_first",
     "x: u8[1,40,16,16]\nw: u8[48,40,3,3]\ny: i32[1,48,16,16]\ny[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]"},
    {"batched", "x: f16[3,130,120]\nw: f16[3,120,120]\ny: f16[3,130,120]\ny[b,m,n] += x[b,m,k] * w[b,n,k]"},
};

class DefaultContractions : public testing::TestWithParam<Contraction> {};

TEST_P(DefaultContractions, UseTensorCoresAndAgreeWithEvaluate) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Target target = Target::cuda(GetParam().compute_capability);
    const Schedule schedule = default_schedule(pipeline, target);
    EXPECT_NE(print(schedule).find("tensorize"), std::string::npos) << print(schedule);
    const Compiled oracle(pipeline, whole_inputs(pipeline));
    const NamedBuffers outputs = emulate(pipeline, schedule, target, whole_inputs(pipeline));
    for (const auto& [name, buffer] : outputs)
        EXPECT_EQ(first_difference(name, buffer, oracle.expected().at(name)), "") << print(schedule);
}

INSTANTIATE_TEST_SUITE_P(Products, DefaultContractions, testing::ValuesIn(contractions),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
