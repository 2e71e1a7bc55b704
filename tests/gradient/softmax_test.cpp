// tests/gradient/softmax_test.cpp -- the derived expressions of softmax and cross entropy are the known short ones.
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle::test {
namespace {

const char* const statistics =
    "m[n] max= x[n,c]\n"
    "s[n] += exp(x[n,c] - stop_gradient(m[n]))\n";

/// The pipeline's definitions of the gradient by x, without those of the forward.
std::vector<std::string> derived(const std::string& text, const char* output) {
    const Pipeline forward = parse_pipeline(text);
    const auto [dx] = gradient(forward.find(output), {forward.find("x")});
    std::vector<std::string> lines;
    for (const PipelineStage& stage : Pipeline::of({dx}).stages)
        if (!forward.find(stage.targets[0].name()).defined()) lines.push_back(print(*stage.definition));
    return lines;
}
using Lines = std::vector<std::string>;

// S * (g - sum(g * S)), from the saved result S alone.
TEST(SoftmaxGradient, ReadsTheSavedResult) {
    EXPECT_EQ(
        derived(std::string("x: f32[8,10]\n") + statistics + "y[n,c] = exp(x[n,c] - stop_gradient(m[n])) / s[n]", "y"),
        (Lines{"ds[n] += dy[n,c] * y[n,c]", "dx[n,c] = (dy[n,c] - ds[n]) * y[n,c]"}));
}

// (p - y) * scale, p = exp(x - m) / s.
TEST(SoftmaxGradient, WithTheNegativeLogLikelihoodIsADifference) {
    EXPECT_EQ(derived(std::string("x: f32[8,10]; t: i32[8]; l: f32[]\n") + statistics +
                          "r[n] = stop_gradient(m[n]) + log(s[n]) - x[n,index(t[n],10)]\nl[] += r[n] * 0.125",
                      "l"),
              (Lines{"dx[n,i] = (exp(x[n,i] - stop_gradient(m[n])) / s[n] - select(i == i64(t[n]), 1.0f32, 0.0f32)) * "
                     "(0.125 * dl[])"}));
}

// Of probabilities: p * sum(t) - t, p = exp(q).
TEST(SoftmaxGradient, OfProbabilities) {
    EXPECT_EQ(derived(std::string("x: f32[8,10]; t: f32[8,10]; r: f32[8]\n") + statistics +
                          "q[n,c] = x[n,c] - stop_gradient(m[n]) - log(s[n])\nr[n] += -(t[n,c] * q[n,c])",
                      "r"),
              (Lines{"ds[n] += t[n,c]", "dx[n,c] = (ds[n] * exp(q[n,c]) - t[n,c]) * dr[n]"}));
}

}  // namespace
}  // namespace heddle::test
