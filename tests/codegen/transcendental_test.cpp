// tests/codegen/transcendental_test.cpp -- exp, tanh, erf and sigmoid of f32 lanes against the C library in double.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

struct Function {
    const char* name;
    double (*exact)(double);
    double ulps;
};
void PrintTo(const Function& f, std::ostream* out) { *out << f.name; }

class Transcendental : public testing::TestWithParam<Function> {};

TEST_P(Transcendental, IsWithinAFewUnitsOfTheLastPlace) {
    std::vector<double> points;
    for (int i = -4000; i <= 4000; ++i) points.push_back(static_cast<float>(i * 0.0025));
    for (int e = -30; e < 6; ++e)  // all of them floats
        for (const double sign : {1.0, -1.0}) points.push_back(static_cast<float>(sign * std::ldexp(1.37, e)));
    const auto count = static_cast<std::int64_t>(points.size());
    const Pipeline pipeline =
        parse_pipeline("x: f32[" + std::to_string(count) + "]\ny[i] = " + GetParam().name + "(x[i])");
    const Buffer y = run_kernel(compile_here(pipeline), {{"x", buffer_of(f32, {count}, points)}}).at("y");
    for (std::int64_t i = 0; i < count; ++i) {
        const double expected = GetParam().exact(points[static_cast<std::size_t>(i)]);
        if (std::abs(expected) < 1e-37) continue;
        const double ulp = std::ldexp(1.0, std::ilogb(expected) - 23);
        ASSERT_LE(std::abs(y.get({i}) - expected), GetParam().ulps * ulp) << points[static_cast<std::size_t>(i)];
    }
}

TEST_P(Transcendental, KeepsInfinitiesNaNAndTheSignOfZero) {
    constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> points(64, 0.0);
    points[1] = -0.0;
    points[2] = inf;
    points[3] = -inf;
    points[4] = nan;
    const Pipeline pipeline = parse_pipeline("x: f32[64]\ny[i] = " + std::string(GetParam().name) + "(x[i])");
    const Buffer y = run_kernel(compile_here(pipeline), {{"x", buffer_of(f32, {64}, points)}}).at("y");
    for (std::int64_t i = 0; i < 4; ++i) {
        const double expected = GetParam().exact(points[static_cast<std::size_t>(i)]);
        EXPECT_EQ(y.get({i}), expected);
        EXPECT_EQ(std::signbit(y.get({i})), std::signbit(expected));
    }
    EXPECT_TRUE(std::isnan(y.get({4})));
}

INSTANTIATE_TEST_SUITE_P(Functions, Transcendental,
                         testing::Values(Function{"exp", [](double x) { return std::exp(x); }, 2},
                                         Function{"tanh", [](double x) { return std::tanh(x); }, 2.5},
                                         Function{"erf", [](double x) { return std::erf(x); }, 2.5},
                                         Function{"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, 4}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
