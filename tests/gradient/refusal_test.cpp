// tests/gradient/refusal_test.cpp -- what has no gradient is refused by name, and what to write instead.
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

void expect_no_gradient(const char* text, const std::string& message, const char* by = "x") {
    const Pipeline pipeline = parse_pipeline(text);
    expect_refusal([&] { gradient(pipeline.outputs[0], {pipeline.find(by)}); }, message);
}

TEST(GradientRefusal, NamesTheOperation) {
    expect_no_gradient("x: f32[5]\ny[i] = floor(x[i])",
                       "floor in `floor(x[i])` has no derivative, and y is computed from x by it: put "
                       "stop_gradient(...) around it");
    expect_no_gradient("x: f32[5]\ny[i] = round(x[i]) * x[i]", "round in `round(x[i])`");
    expect_no_gradient("x: f32[5]\ny[i] = f32(i32(x[i]))", "a value of type i32 in");
    expect_no_gradient("x: f32[5]\nh[i] = 2.0 * x[i]\ny[i] = ceil(h[i])", "y is computed from h by it");
}

TEST(GradientRefusal, OfIntegers) {
    expect_no_gradient("x: i32[5]; y: i32[5]\ny[i] = x[i] + 1", "it holds i32, and a gradient is one of floats");
    expect_no_gradient("x: i32[5]; y: f32[5]\ny[i] = f32(x[i])",
                       "gradient with respect to x: it holds i32, and a gradient is one of floats");
}

TEST(GradientRefusal, OfWhatDoesNotDepend) {
    expect_no_gradient("x: f32[5]; z: f32[5]\ny[i] = stop_gradient(x[i]) * z[i]",
                       "no derivative of y reaches x; it is used in indices, conditions or stop_gradient(...) only");
    const Pipeline pipeline = parse_pipeline("x: f32[5]\ny[i] = x[i]");
    const Tensor<1> other("other", f32, {5});
    expect_refusal([&] { gradient(pipeline.outputs[0], {other}); }, "y is not computed from it; its inputs are x");
    expect_refusal([&] { gradient(pipeline.outputs[0], {pipeline.find("x")}, Tensor<1>("dy", f32, {4})); },
                   "the seed dy of a gradient of y has the type or shape of another tensor");
}

TEST(GradientRefusal, OfUpdatesBesideOthers) {
    expect_no_gradient("x: f32[5]; b: f32[3]; y: f32[3]\ny[p] = b[p]\ny[p] max= x[p+r] | r<3",
                       "the gradient of y through max= beside another definition of y is not derived");
    expect_no_gradient("x: f32[5]; y: f32[7]\ny[p+r] max= x[p] | r<3",
                       "the gradient of y through max= at computed indices is not derived: write it as a gather");
}

}  // namespace
}  // namespace heddle::test
