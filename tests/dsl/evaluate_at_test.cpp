// tests/dsl/evaluate_at_test.cpp -- chosen elements are those of the whole evaluation.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

struct evaluate_at_points : testing::TestWithParam<const char*> {};

TEST_P(evaluate_at_points, equal_the_whole) {
    const Pipeline pipeline = parse_pipeline(GetParam());
    const NamedBuffers inputs = test::random_inputs(pipeline);
    for (const EvaluatePrecision precision : {EvaluatePrecision::declared, EvaluatePrecision::f64}) {
        const NamedBuffers whole = evaluate(pipeline, inputs, precision, precision == EvaluatePrecision::f64);
        for (const AnyTensor& output : pipeline.outputs) {
            std::vector<std::vector<std::int64_t>> points;
            for_each_index(whole.at(output.name()).shape(), [&](const auto& index) { points.push_back(index); });
            EXPECT_EQ(evaluate_at(pipeline, inputs, output, points, precision),
                      test::elements_of(whole.at(output.name())));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    all, evaluate_at_points,
    testing::Values(
        "b: f32[3]\nx: f32[2,4,5,5]\nw: f32[3,4,3,3]\ny: f32[2,3,5,5]\nz: f32[2,3,5,5]\ny[n,k,p,q] = b[k]\n"
        "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]\nz[n,k,p,q] = max(y[n,k,p,q], 0.0)\n",  // convolution,
                                                                                                     // relu
        "x: bf16[2,8,3,3]\nv: bf16[8,4,4,4]\nu: bf16[2,4,6,6]\n"
        "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]\n",  // a scatter
        "x: f32[9]\ny: f32[4]\ny[3*a+b] += x[a] | a<9 b<3\n",   // most of it dropped
        "x: f16[4,10]\nm: f32[4]\ns: f32[4]\ny: f16[4,10]\nm[n] max= x[n,c]\n"
        "s[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]\n",  // softmax
        "x: f32[2,8,8]\ny: i32[2,4,4]\ny[n,p,q] argmax= skip(x)[n,2*p+r-1,2*q+s-1] | r<3 s<3\n",
        "x: f32[4,4]\ny: f32[4]\ny[i] = x[i,i]\n", "x: f32[4]\ny: f32[4,4]\ny[i,i] = x[i]\n",  // diagonals
        "x: f32[6]\ny: f32[6]\nz: f32[6]\ny[i] = reflect(x)[i-2] + circular(x)[i+3]\nz[i] = symmetric(y)[i-4]\n"));

TEST(evaluate_at_points, outside_are_refused) {
    const Pipeline pipeline = parse_pipeline("x: f32[4,4]\ny: f32[4]\ny[i] += x[i,r]\n");
    const NamedBuffers inputs = test::random_inputs(pipeline);
    test::expect_refusal([&] { evaluate_at(pipeline, inputs, pipeline.outputs[0], {{4}}); },
                         "y has the shape 4; the point 4 is not an element of it");
    test::expect_refusal(
        [&] {
            evaluate_at(pipeline, inputs, pipeline.inputs[0], {{0, 0}});
        },
        "x is not defined in this pipeline");
}

}  // namespace
}  // namespace heddle
