// tests/support/refusals.cpp -- what a schedule text does to a pipeline text.
#include "tests/support/refusals.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/schedule.h"

namespace heddle::test {

const char* const conv_relu =
    "x: f32[8,64,56,56]\n"
    "w: f32[128,64,3,3]\n"
    "bias: f32[128]\n"
    "y: f32[8,128,56,56]\n"
    "z: f32[8,128,56,56]\n"
    "y[n,k,p,q] = bias[k]\n"
    "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]\n"
    "z[n,k,p,q] = max(y[n,k,p,q], 0)\n";

const char* const two_blurs =
    "q < 56\n"
    "p < 58\n"
    "x: f32[8,64,58,58]\n"
    "b[n,c,p,q] = x[n,c,p,q] + x[n,c,p,q+1] + x[n,c,p,q+2]\n"
    "p < 56\n"
    "y[n,c,p,q] = b[n,c,p,q] + b[n,c,p+1,q] + b[n,c,p+2,q]\n";

const char* const pool =
    "r < 3\n"
    "s < 3\n"
    "x: f32[8,64,112,112]\n"
    "y: f32[8,64,56,56]\n"
    "y[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1]\n";

const char* const conv_nhwc =
    "x: bf16[32,28,28,512]\n"
    "w: bf16[512,3,3,512]\n"
    "y: bf16[32,28,28,512]\n"
    "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\n";

const char* const scatter =
    "x: f32[8,64,28,28]\n"
    "v: f32[64,32,4,4]\n"
    "u: f32[8,32,56,56]\n"
    "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]\n";

LoopNest nest_of(const std::string& pipeline, const std::string& schedule, const std::string& target) {
    return scheduled_nest(parse_pipeline(pipeline), parse_schedule(schedule), Target::parse(target));
}

std::string nest_text(const std::string& pipeline, const std::string& schedule, const std::string& target) {
    return print(nest_of(pipeline, schedule, target));
}

std::string refusal_of(const std::string& pipeline, const std::string& schedule, const std::string& target) {
    LoopNest nest;
    const auto refusal = apply(parse_schedule(schedule), parse_pipeline(pipeline), Target::parse(target), nest);
    return refusal ? refusal->reason : "accepted";
}

std::ostream& operator<<(std::ostream& out, const RefusalCase& c) { return out << c.schedule << " on " << c.target; }

void expect_case(const std::string& pipeline, const RefusalCase& c) {
    const std::string reason = refusal_of(pipeline, c.schedule, c.target);
    EXPECT_NE(reason.find(c.reason), std::string::npos)
        << c.schedule << "\n  " << reason << "\ndoes not say\n  " << c.reason;
}

}  // namespace heddle::test
