// tests/codegen/random_schedule_test.cpp -- every legal schedule computes what the definition says.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/random_schedule.h"

namespace heddle::test {
namespace {

struct Subject {
    const char* name;
    const char* text;
    double tolerance = 0;
};
void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }

const Subject subjects[] = {
    {"conv_nhwc", R"(
        x: f32[2,7,9,5]; w: f32[6,3,3,5]; b: f32[6]; y: f32[2,7,9,6]
        y[n,p,q,k] = b[k]
        y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]
        z[n,p,q,k] = max(y[n,p,q,k], 0.0))"},
    {"conv_nchw", R"(
        x: f32[2,3,7,9]; w: f32[6,3,3,3]; y: f32[2,6,7,9]
        y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s])"},
    {"conv_strided", R"(
        x: f32[2,9,11,4]; w: f32[3,3,4,8]; y: f32[2,5,4,8]
        y[n,p,q,k] += zero(x)[n,2*p+r-1,3*q+2*s-2,c] * w[r,s,c,k])"},
    {"depthwise", R"(
        x: f32[2,6,8,10]; w: f32[6,3,3]; y: f32[2,6,8,10]
        y[n,c,p,q] += replicate(x)[n,c,p+r-1,q+s-1] * w[c,r,s])"},
    {"max_pool", R"(
        x: f32[2,5,9,9]; y: f32[2,5,5,5]
        y[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3)"},
    {"matmul", R"(
        a: f32[13,11]; b: f32[11,21]
        c[i,j] += a[i,k] * b[k,j])"},
    {"blur", R"(
        x: f32[3,17,19]
        h[c,i,j] = reflect(x)[c,i,j-1] + 2.0 * x[c,i,j] + reflect(x)[c,i,j+1]
        y[c,i,j] = zero(h)[c,i-1,j] + 2.0 * h[c,i,j] + zero(h)[c,i+1,j])"},
    {"softmax", R"(
        x: f32[7,21]
        m[n] max= x[n,c]
        e[n,c] = exp(x[n,c] - m[n])
        s[n] += e[n,c]
        y[n,c] = e[n,c] / s[n])",
     2e-6},
    {"scatter", R"(
        x: f32[2,3,5,6]; v: f32[3,4,4,3]; u: f32[2,4,10,12]
        u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s])"},
    {"argmax", R"(
        x: f32[6,5,7]; i: i32[6]
        i[n] argmax= x[n,a,b])"},
};

class RandomSchedule : public testing::TestWithParam<Subject> {};

constexpr int schedules_each = 100;

TEST_P(RandomSchedule, OfDirectivesGivesTheUnscheduledResult) {
    const Compiled compiled(std::string(GetParam().text), GetParam().tolerance);
    std::uint64_t state = 11;
    for (int i = 0; i < schedules_each; ++i) {
        const Target target = Target::parse(i % 3 == 2 ? "host:avx2" : "host");
        const Schedule schedule = random_schedule(compiled.pipeline(), target, state);
        if (std::getenv("HEDDLE_TRACE")) std::fprintf(stderr, "%s\n", print(schedule).c_str());
        ASSERT_EQ(compiled.difference(schedule, target), "") << "schedule " << i;
    }
}

TEST_P(RandomSchedule, OfTheTuningSpaceGivesTheUnscheduledResult) {
    const Compiled compiled(std::string(GetParam().text), GetParam().tolerance);
    std::uint64_t state = 12;
    for (int i = 0; i < schedules_each; ++i) {
        const Target target = Target::parse(i % 3 == 2 ? "host:avx2" : "host");
        const Schedule schedule = sampled_schedule(compiled.pipeline(), target, state);
        if (std::getenv("HEDDLE_TRACE")) std::fprintf(stderr, "%s\n", print(schedule).c_str());
        ASSERT_EQ(compiled.difference(schedule, target), "") << "schedule " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(All, RandomSchedule, testing::ValuesIn(subjects),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace heddle::test
