// tests/gradient/finite_difference_test.cpp -- derived gradients against differences of the forward, in double.
#include <gtest/gtest.h>

#include <cmath>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"

namespace heddle::test {
namespace {

struct Case {
    const char* name;
    const char* text;
    double low = -1, high = 1;  ///< of the inputs
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

double weighted_sum(const Pipeline& forward, const NamedBuffers& inputs, const Buffer& weights) {
    const Buffer y = evaluate(forward, inputs, EvaluatePrecision::f64, true).at(forward.outputs[0].name());
    double sum = 0;
    for_each_index(y.shape(), [&](const auto& index) { sum += y.get(index) * weights.get(index); });
    return sum;
}

/// Every gradient of the first output by a float input.
void expect_differences(const Pipeline& forward, double low, double high) {
    const AnyTensor y = forward.outputs[0];
    NamedBuffers inputs = random_inputs(forward, 5);
    std::vector<AnyTensor> wrt;
    for (const AnyTensor& input : forward.inputs) {
        const Buffer& buffer = inputs.at(input.name());
        const bool real = is_float(input.type());
        if (real) wrt.push_back(input);
        for_each_index(buffer.shape(), [&](const auto& i) {
            const double value = buffer.get(i);
            buffer.set(i, real ? low + (high - low) * (0.5 + 0.5 * std::tanh(value)) : std::abs(value));
        });
    }
    const AnyTensor seed("seed", f64, y.shape());
    const Pipeline backward = Pipeline::of(gradient(y, wrt, seed));
    std::vector<std::int64_t> shape;
    for (const Extent& extent : y.shape()) shape.push_back(extent.value());
    const Buffer weights(f64, shape);
    weights.fill_random(11);
    NamedBuffers given = inputs;
    given["seed"] = weights;
    std::erase_if(given, [&](const auto& named) { return !backward.find(named.first).defined(); });
    const NamedBuffers gradients = evaluate(backward, given, EvaluatePrecision::f64, true);
    for (std::size_t i = 0; i < wrt.size(); ++i) {
        const Buffer &x = inputs.at(wrt[i].name()), &dx = gradients.at(backward.outputs[i].name());
        for_each_index(x.shape(), [&](const auto& index) {
            const double at = x.get(index), step = 1e-5;
            x.set(index, at + step);
            const double above = weighted_sum(forward, inputs, weights);
            x.set(index, at - step);
            const double below = weighted_sum(forward, inputs, weights);
            x.set(index, at);
            const double expected = (above - below) / (2 * step);
            ASSERT_NEAR(dx.get(index), expected, 1e-6 * std::max(1.0, std::abs(expected))) << wrt[i].name() << "\n"
                                                                                           << print(backward);
        });
    }
}

class FiniteDifference : public testing::TestWithParam<Case> {};

TEST_P(FiniteDifference, IsTheDerivedGradient) {
    const Case& c = GetParam();
    expect_differences(parse_pipeline(c.text), c.low, c.high);
}

// Gradients are definitions, and have gradients.
TEST(SecondDerivative, IsTheGradientOfAGradient) {
    for (const char* text : {"x: f64[5]; z: f64[5]; y: f64[5]\ny[i] = x[i] * x[i] * x[i] * z[i]",
                             "x: f64[5]; z: f64[5]; y: f64[5]\ny[i] = tanh(x[i] * z[i]) / (2.0 + z[i])",
                             "x: f64[2,7]; w: f64[2,2,3]; y: f64[2,4]\ny[k,p] += zero(x)[c,2*p+r-1] * w[k,c,r]",
                             "x: f64[6]; w: f64[3]; h: f64[6]; y: f64[6]\nh[p] += reflect(x)[p+r-1] * w[r]\n"
                             "y[p] = exp(h[p])"}) {
        const Pipeline forward = parse_pipeline(text);
        const AnyTensor y = forward.outputs[0];
        const auto [dx] = gradient(y, {forward.find("x")});
        expect_differences(Pipeline::of({dx}), -1, 1);
    }
}

#define ELEMENTWISE(name, e, ...) \
    Case { name, "x: f64[7]; z: f64[7]; y: f64[7]\ny[i] = " e, __VA_ARGS__ }
const Case cases[] = {
    ELEMENTWISE("sums", "x[i] - (2.0 * z[i] - x[i]) + 1.0", -1, 1),
    ELEMENTWISE("product", "x[i] * z[i] * x[i]", -1, 1),
    ELEMENTWISE("quotient", "x[i] / z[i] - 1.0 / x[i]", 0.5, 2),
    ELEMENTWISE("sqrt", "sqrt(x[i]) + rsqrt(z[i])", 0.5, 2),
    ELEMENTWISE("exp", "exp(x[i]) * log(z[i])", 0.5, 2),
    ELEMENTWISE("sin", "sin(x[i]) * cos(z[i])", -1, 1),
    ELEMENTWISE("tanh", "tanh(x[i]) + erf(z[i]) * sigmoid(x[i])", -1, 1),
    ELEMENTWISE("pow", "pow(x[i], z[i]) + pow(x[i], 3.0)", 0.5, 2),
    ELEMENTWISE("larger", "max(x[i], z[i]) * min(x[i], 0.3) + max(0.1, z[i])", -1, 1),
    ELEMENTWISE("abs", "abs(x[i]) - abs(z[i] * x[i])", -1, 1),
    ELEMENTWISE("select", "select(x[i] < z[i], x[i] * z[i], z[i])", -1, 1),
    ELEMENTWISE("casts", "f64(f32(x[i])) * 2.0 + f64(i) * z[i]", -1, 1),
    {"linear", "x: f64[3,4]; w: f64[5,4]; b: f64[5]; y: f64[3,5]\ny[n,k] = b[k]\ny[n,k] += x[n,c] * w[k,c]"},
    {"softmax",
     "x: f64[3,5]; m: f64[3]; e: f64[3,5]; s: f64[3]; y: f64[3,5]\nm[n] max= x[n,c]\ne[n,c] = exp(x[n,c] - m[n])\ns[n] "
     "+= e[n,c]\ny[n,c] = e[n,c] / s[n]"},
    {"shifted_softmax",
     "x: f64[3,5]; m: f64[3]; e: f64[3,5]; s: f64[3]; y: f64[3,5]\nm[n] max= x[n,c]\ne[n,c] = exp(x[n,c] - "
     "stop_gradient(m[n]))\ns[n] += e[n,c]\n"
     "y[n,c] = e[n,c] / s[n]"},
    {"online_softmax",
     "x: f64[3,5]; m: f64[3]; s: f64[3]; y: f64[3]; z: f64[3,5]\n"
     "(m[n], s[n]) reduce max_sum_exp {(-inf, 0.0); (a, u), (b, v) -> (max(a, b), select(a == max(a, b), u, u * exp(a "
     "- max(a, b))) + select(b == max(a, b), v, v * exp(b - max(a, b))))} (x[n,c], 1.0)\n"
     "y[n] = m[n] + log(s[n])\nz[n,c] = exp(x[n,c] - y[n])"},
    {"sum_of_exponentials",
     "x: f64[3,5]; m: f64[3]; s: f64[3]; y: f64[3]; z: f64[3,5]\n"
     "(m[n], s[n]) reduce max_sum_exp {(-inf, 0.0); (a, u), (b, v) -> (max(a, b), select(a == max(a, b), u, u * exp(a "
     "- max(a, b))) + select(b == max(a, b), v, v * exp(b - max(a, b))))} (x[n,c], 1.0)\n"
     "y[n] = s[n]"},
    {"unknown_tuple",
     "x: f64[3,5]; t: f64[3]; s: f64[3]; y: f64[3]\n"
     "(t[n], s[n]) reduce both {(1.0, 0.0); (a, u), (b, v) -> (a * b, u + v)} (x[n,c], x[n,c] * x[n,c])\n"
     "y[n] = t[n] * s[n]"},
    {"product_of_all", "x: f64[3,4]; y: f64[3]\ny[n] *= x[n,c]"},
    {"max_pool", "x: f64[2,9]; y: f64[2,5]\ny[c,p] max= skip(x)[c,2*p+r-1] | r<3"},
    {"min_pool", "x: f64[9]; y: f64[7]\ny[p] min= x[p+r] | r<3"},
    {"mean_pool", "x: f64[2,9]; y: f64[2,5]\ny[c,p] += skip(x)[c,2*p+r-1] * 0.25 | r<3"},
    {"argmax_pair",
     "x: f64[3,5]; t: f64[3]; i: i64[3]; y: f64[3]\n"
     "(t[n], i[n]) reduce argmax {(-inf, -1); (a, u), (b, v) -> (select(0 <= v && (u < 0 || a < b || a == b && v < u), "
     "b, a), select(0 <= v && (u < 0 || a < b || a == b && v < u), v, u))} (x[n,c], c)\n"
     "y[n] = t[n] * t[n]\noutput y"},
    {"repeated", "x: f64[3]; z: f64[3,4]; y: f64[3]\ny[n] += x[n] * x[n] - z[n,c] * 2.0"},
    {"repeated_in_stages",
     "x: f64[3]; z: f64[3,4]; s: f64[3]; t: f64[3]; y: f64[3]\ns[n] = exp(x[n])\nt[n] += log(s[n]) - z[n,c]\n"
     "y[n] = t[n] * s[n]"},
    {"strided", "x: f64[2,9]; w: f64[3,2,3]; y: f64[3,5]\ny[k,p] += zero(x)[c,2*p+r-1] * w[k,c,r]"},
    {"transposed", "x: f64[2,5]; w: f64[2,3,4]; y: f64[3,11]\ny[k,2*p+r-1] += x[c,p] * w[c,k,r]"},
    {"reflected", "x: f64[5,5]; w: f64[3,3]; y: f64[5,5]\ny[p,q] += reflect(x)[p+r-1,q+s-1] * w[r,s]"},
    {"skipped", "x: f64[6]; w: f64[3]; y: f64[6]\ny[p] += skip(x)[p+r-1] + w[r]"},
    {"gathered", "x: f64[6,2]; t: i32[4]; y: f64[4,2]\ny[n,c] = x[index(t[n], 6),c] * 2.0"},
    {"stages",
     "x: f64[8]; w: f64[3]; h: f64[8]; a: f64[8]; y: f64[8]\nh[p] += zero(x)[p+r-1] * w[r]\na[p] = tanh(h[p])\n"
     "y[p] = a[p] * h[p] + zero(a)[p+1]"},
    {"normalised",
     "x: f64[4,6]; mean: f64[4]; v: f64[4]; y: f64[4,6]\nmean[n] += x[n,c] / 6.0\nv[n] += (x[n,c] - mean[n]) * (x[n,c] "
     "- mean[n]) / 6.0\n"
     "y[n,c] = (x[n,c] - mean[n]) * rsqrt(v[n] + 0.1)"},
};
INSTANTIATE_TEST_SUITE_P(All, FiniteDifference, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace heddle::test
