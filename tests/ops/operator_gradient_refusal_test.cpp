// tests/ops/operator_gradient_refusal_test.cpp -- gradients that there are none of, and indices out of range, are
// refused with the names and values at fault.
#include <gtest/gtest.h>

#include "tests/ops/operator_uses.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"
#include "tools/gradient_problem.h"

namespace heddle::test {
namespace {

std::string gradient_error(const std::string& use, const std::string& by) {
    return error_of([&] { tools::gradient_of(tools::make_problem(words_of(use)), by); });
}

TEST(OperatorGradientRefusal, OfIntegers) {
    EXPECT_EQ(gradient_error("conv2d x=f32:1x2x5x5 w=f32:4x2x3x3", "all"), "no error");
    EXPECT_EQ(gradient_error("relu x=f32:7", "x"), "no error");
    EXPECT_EQ(gradient_error("relu x=i32:7", "all"), "--grad all: no input holds floats");
    EXPECT_EQ(gradient_error("relu x=i32:7", "x"), "gradient of y: it holds i32, and a gradient is one of floats");
    EXPECT_EQ(gradient_error("conv2d x=i8:1x2x5x5 w=i8:4x2x3x3 type=i32", "w"),
              "gradient of y: it holds i32, and a gradient is one of floats");
    EXPECT_EQ(gradient_error("cross_entropy x=f32:4x3 target=i64:4", "target"),
              "gradient with respect to target: it holds i64, and a gradient is one of floats");
    EXPECT_EQ(gradient_error("max_unpool1d x=f32:1x2x3 indices=i64:1x2x3", "indices"),
              "gradient with respect to indices: it holds i64, and a gradient is one of floats");
}

TEST(OperatorGradientRefusal, OfWhatIsNoInput) {
    EXPECT_EQ(gradient_error("linear x=f32:4x3 w=f32:2x3", "x,w"), "no error");
    EXPECT_EQ(gradient_error("linear x=f32:4x3 w=f32:2x3", "bias"),
              "--grad: 'bias' is not an input; the inputs are x, w");
    EXPECT_EQ(gradient_error("linear x=f32:4x3 w=f32:2x3", "y"), "--grad: 'y' is not an input; the inputs are x, w");
}

/// The error of evaluate() and of a kernel, which are the same.
std::string value_error(const std::string& use, const std::string& by, const NamedBuffers& given) {
    const tools::Problem forward = tools::make_problem(words_of(use));
    const tools::Problem problem = by.empty() ? forward : tools::gradient_of(forward, by);
    NamedBuffers inputs;
    for (const AnyTensor& input : problem.pipeline.inputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : input.shape()) shape.push_back(extent.value());
        inputs[input.name()] = given.count(input.name()) ? given.at(input.name()) : Buffer(input.type(), shape);
    }
    const std::string found = error_of([&] { run_kernel(compile_here(problem.pipeline), inputs); });
    EXPECT_EQ(error_of([&] { evaluate(problem.pipeline, inputs); }) == "no error", found == "no error");
    return found;
}

TEST(OperatorIndexRefusal, OfClasses) {
    const std::string use = "cross_entropy x=f32:3x4 target=i64:3";
    EXPECT_EQ(value_error(use, "", {{"target", buffer_of(i64, {3}, {0, 3, -100})}}), "no error");
    EXPECT_EQ(value_error(use, "", {{"target", buffer_of(i64, {3}, {0, 4, 1})}}),
              "an index read from target[1] is 4, outside of [0, 4)");
    EXPECT_EQ(value_error(use, "", {{"target", buffer_of(i64, {3}, {0, 3, -1})}}),
              "an index read from target[2] is -1, outside of [0, 4)");
}

TEST(OperatorIndexRefusal, OfPlaces) {
    const std::string use = "max_unpool1d x=f32:1x1x3 indices=i64:1x1x3";
    for (const char* by : {"", "x"}) {
        EXPECT_EQ(value_error(use, by, {{"indices", buffer_of(i64, {1, 1, 3}, {0, 3, 5})}}), "no error");
        EXPECT_EQ(value_error(use, by, {{"indices", buffer_of(i64, {1, 1, 3}, {0, 3, 6})}}),
                  "an index read from indices[0, 0, 2] is 6, outside of [0, 6)");
    }
}

}  // namespace
}  // namespace heddle::test
