// tests/schedules/directive_beside_test.cpp -- compute_at of an output that nobody reads: legal and illegal ones.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/schedule.h"
#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

const std::string loss_and_gradient =
    "x: f32[8,100]\nt: i32[8]\nloss: f32[8]\ndx: f32[8,100]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\n"
    "loss[n] = m[n] + log(s[n]) - x[n,index_clamped(t[n],100)]\n"
    "dx[n,c] = exp(x[n,c] - m[n]) / s[n] - select(c == t[n], 1.0f32, 0.0f32)\noutput loss, dx\n";

#define ROWS "dx: split(n, 4) bind(n.o, block_x) bind(n.i, thread_y) bind(c, thread_x); "

TEST(ComputeAtBeside, TakesAResultOfTheRowBesideItsElements) {
    expect_case(loss_and_gradient, {"loss: compute_at(dx, n)", "accepted", "cuda:sm_80"});
    expect_case(loss_and_gradient, {ROWS "loss: compute_at(dx, n.i)", "accepted", "cuda:sm_80"});
    expect_case(loss_and_gradient, {"loss: compute_at(dx, n)", "accepted", "host"});
    expect_case(loss_and_gradient,
                {ROWS "loss: compute_at(dx, n.o)", "runs over its elements inside of n.o, in n.i", "cuda:sm_80"});
    expect_case(loss_and_gradient,
                {"loss: compute_at(dx, c)", "c would compute each of its elements again; a loop further out", "host"});
    expect_case(loss_and_gradient,
                {"loss: compute_at(loss, n)", "loss.0 cannot be computed at a loop of its own", "host"});
    expect_case(loss_and_gradient, {"loss: compute_at(s, n)", "loss is an output of the pipeline", "host"});
    expect_case("x: f32[8,100]\ny[n] = x[n,0]\nz[c] = x[0,c] | c<7\noutput y, z\n",
                {"y: compute_at(z, c)", "z.0 does not read y.0, and has no dimension 0 of 8 elements", "host"});
}

TEST(ComputeAtBeside, OfADefaultScheduleIsOneKernelForLossAndGradient) {
    const std::string schedule = print(default_schedule(parse_pipeline(loss_and_gradient), Target::cuda(90)));
    for (const char* part : {"loss.0: compute_at(dx.0, ", "m.0: compute_at(dx.0, ", "s.0: compute_at(dx.0, "})
        EXPECT_NE(schedule.find(part), std::string::npos) << schedule;
}

TEST(DefaultDeviceSchedule, LongRowsGoOverClusters) {
    const auto softmax = [](const char* sizes) {
        return print(default_schedule(parse_pipeline("x: f32" + std::string(sizes) +
                                                     "\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\n"
                                                     "y[n,c] = exp(x[n,c] - m[n]) / s[n]"),
                                      Target::cuda(90)));
    };
    EXPECT_NE(softmax("[1024,128256]").find("reduce_across(cluster)"), std::string::npos);
    EXPECT_NE(softmax("[1024,4096]").find("reduce_across(threads)"), std::string::npos);
    EXPECT_NE(softmax("[1024,100]").find("reduce_across(warps)"), std::string::npos);
}

TEST(DefaultDeviceSchedule, OddPlanesAreCopiedInBulk) {
    const auto pool = [](const char* sizes, int capability) {
        return print(default_schedule(parse_pipeline("x: f32" + std::string(sizes) + "\ny: f32" + std::string(sizes) +
                                                     "\ny[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] | r<3 s<3"),
                                      Target::cuda(capability)));
    };
    EXPECT_NE(pool("[64,192,35,35]", 90).find("flat_span"), std::string::npos) << pool("[64,192,35,35]", 90);
    EXPECT_NE(pool("[64,960,7,7]", 90).find("flat_span"), std::string::npos) << pool("[64,960,7,7]", 90);
    EXPECT_EQ(pool("[64,144,56,56]", 90).find("flat_span"), std::string::npos);
    EXPECT_EQ(pool("[64,192,35,35]", 80).find("flat_span"), std::string::npos);
    EXPECT_EQ(pool("[64,3,35,35]", 90).find("flat_span"), std::string::npos);  // no planes make whole units
}

}  // namespace
}  // namespace heddle::test
