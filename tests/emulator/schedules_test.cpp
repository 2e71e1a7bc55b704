// tests/emulator/schedules_test.cpp -- scheduled definitions, their CUDA text executed, give what evaluate() gives.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/on_device.h"
#include "tests/support/random_schedule.h"

namespace heddle::test {
namespace {

// Small, and of all kinds.
const std::vector<ScheduledText>& random_subjects() {
    static const std::vector<ScheduledText> texts = {
        {"convolution",
         "x: f32[2,3,6,7]\nb: f32[4]\nw: f32[4,3,3,3]\nt: f32[2,4,6,7]\ny: f32[2,4,6,7]\n"
         "t[n,k,p,q] = b[k]\nt[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]\n"
         "y[n,k,p,q] = max(t[n,k,p,q], 0.0)",
         ""},
        {"max_pool", "x: f32[2,5,9,8]\ny: f32[2,5,5,4]\ny[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3", ""},
        {"product", "a: f32[13,12]\nb: f32[12,20]\nc[i,j] += a[i,k] * b[k,j]", ""},
        {"softmax", "x: f32[7,24]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]",
         "", 2e-6},
        {"blur",
         "x: f32[3,9,16]\nh[c,i,j] = reflect(x)[c,i,j-1] + 2.0 * x[c,i,j] + reflect(x)[c,i,j+1]\n"
         "y[c,i,j] = zero(h)[c,i-1,j] + 2.0 * h[c,i,j] + zero(h)[c,i+1,j]",
         ""},
        {"scatter",
         "x: f32[2,3,5,4]\nv: f32[3,2,4,4]\nu: f32[2,2,10,8]\n"
         "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]",
         ""},
        {"argmax", "x: f32[6,5,8]\ni: i32[6]\ni[n] argmax= x[n,a,b]", ""},
        {"narrow_rows", "x: bf16[6,4,16]\ny: f16[6,16]\ny[n,c] += x[n,a,c]", ""},
    };
    return texts;
}

const Target ampere = Target::cuda(80), hopper = Target::cuda(90);

// No schedule: the default one.
std::vector<EmulationCase> cases_of(const std::vector<ScheduledText>& subjects) {
    std::vector<EmulationCase> cases;
    for (const ScheduledText& subject : subjects) {
        const Pipeline pipeline = parse_pipeline(subject.text);
        const Schedule schedule =
            subject.schedule.empty() ? default_schedule(pipeline, ampere) : parse_schedule(subject.schedule);
        cases.push_back({subject.name, pipeline, whole_inputs(pipeline), schedule, subject.tolerance});
    }
    return cases;
}

void expect_all_agree(const std::vector<EmulationCase>& cases, const Target& target = ampere) {
    EXPECT_EQ(emulated_differences(cases, target), std::vector<std::string>());
}

TEST(EmulatedSchedules, ReductionsAcrossThreads) { expect_all_agree(cases_of(reduction_schedules())); }

TEST(EmulatedSchedules, DefaultsOfManySizes) { expect_all_agree(cases_of(default_schedule_sizes())); }

// Those that have another schedule there: clusters, bulk copies.
TEST(EmulatedSchedules, DefaultsOfManySizesOnHopper) {
    std::vector<EmulationCase> cases;
    for (const ScheduledText& subject : default_schedule_sizes()) {
        const Pipeline pipeline = parse_pipeline(subject.text);
        const Schedule schedule = default_schedule(pipeline, hopper);
        if (schedule == default_schedule(pipeline, ampere)) continue;
        cases.push_back({subject.name, pipeline, whole_inputs(pipeline), schedule, subject.tolerance});
    }
    EXPECT_GE(cases.size(), 20u);
    expect_all_agree(cases, hopper);
}

// Schedules of random directives, as many as are emitted.
TEST(EmulatedSchedules, RandomOnes) {
    constexpr int each = 8;
    const Target target = Target::cuda(80);
    std::uint64_t state = 5;
    std::vector<EmulationCase> cases;
    for (const ScheduledText& text : random_subjects()) {
        const Pipeline pipeline = parse_pipeline(text.text);
        for (int i = 0; i < each; ++i) {
            const Schedule schedule = random_schedule(pipeline, target, state, 40);
            try {
                cuda_sources(make_plan(pipeline, schedule, target), schedule);
            } catch (const UserError&) {
                continue;  // what has no emission is refused by name
            }
            cases.push_back(
                {text.name + " under " + print(schedule), pipeline, whole_inputs(pipeline), schedule, text.tolerance});
        }
    }
    EXPECT_GE(cases.size(), 2 * each * random_subjects().size() / 3);
    expect_all_agree(cases);
}

}  // namespace
}  // namespace heddle::test
