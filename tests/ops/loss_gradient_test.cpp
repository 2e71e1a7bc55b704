// tests/ops/loss_gradient_test.cpp -- gradients of softmax and cross entropy as derived: the known short expressions.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/saved_gradient.h"
#include "heddle/ops.h"

namespace heddle::test {
namespace {

using Lines = std::vector<std::string>;

/// The definitions of the gradient by x with all results saved, and the names of what it is given.
struct Derived {
    Lines lines, inputs, saved;
};
Derived derived(const AnyTensor& y, const AnyTensor& x) {
    const SavedGradient gradient = saved_gradient(y, {x});
    Derived found;
    for (const PipelineStage& stage : gradient.backward.stages) found.lines.push_back(print(*stage.definition));
    for (const AnyTensor& input : gradient.backward.inputs) found.inputs.push_back(input.name());
    found.saved = gradient.saved;
    return found;
}

const Tensor<2> x("x", f32, {8, 10});

TEST(LossGradient, OfSoftmaxReadsItsResultAlone) {
    const Derived found = derived(softmax(x), x);
    EXPECT_EQ(found.lines,
              (Lines{"dy_sum[i0] += dy[i0,i1] * y[i0,i1]", "dx[i0,i1] = (dy[i0,i1] - dy_sum[i0]) * y[i0,i1]"}));
    EXPECT_EQ(found.inputs, (Lines{"dy", "y"}));
}

TEST(LossGradient, OfSoftmaxOverAnotherDimension) {
    const Derived found = derived(softmax(x, 0), x);
    EXPECT_EQ(found.saved, Lines{"y"});
    EXPECT_EQ(found.inputs, (Lines{"dy", "y"}));
}

TEST(LossGradient, OfItsLogarithmReadsTheResultAlone) {
    const Derived found = derived(log_softmax(x), x);
    EXPECT_EQ(found.lines, (Lines{"dy_sum[i0] += dy[i0,i1]", "dx[i0,i1] = dy[i0,i1] - dy_sum[i0] * exp(y[i0,i1])"}));
    EXPECT_EQ(found.inputs, (Lines{"dy", "y"}));
}

// (p - y) * scale, p the softmax of x.
TEST(LossGradient, OfClassIndicesIsADifference) {
    const Tensor<1> target("target", i32, {8});
    for (const auto& [reduction, scale] :
         {std::pair(LossReduction::mean, "select(target[i0] == -100, 0.0, dy[] / y_count[])"),
          std::pair(LossReduction::sum, "select(target[i0] == -100, 0.0, dy[])"),
          std::pair(LossReduction::none, "select(target[i0] == -100, 0.0, dy[i0])")}) {
        const AnyTensor y = cross_entropy(x, target, std::nullopt, {reduction, -100, 0});
        EXPECT_EQ(derived(y, x).lines,
                  Lines{std::string("dx[i0,i] = (exp(x[i0,i] - stop_gradient(y_max[i0])) / y_sum[i0] - "
                                    "select(i == i64(target[i0]), 1.0f32, 0.0f32)) * ") +
                        scale});
    }
}

// (p * sum(t) - t) * scale.
TEST(LossGradient, OfProbabilities) {
    const Tensor<2> target("target", f32, {8, 10});
    const AnyTensor y = cross_entropy(x, target, std::nullopt, {LossReduction::mean, -100, 0});
    EXPECT_EQ(derived(y, x).lines,
              (Lines{"dy_rows[i0] = 0.125 * dy[]",
                     "dx[i0,c] = (dy_sum[i0] * exp(x[i0,c] - stop_gradient(y_max[i0])) / y_sum[i0] - target[i0,c]) * "
                     "dy_rows[i0]"}));
    EXPECT_EQ(derived(y, x).saved, (Lines{"dy_sum", "y_max", "y_sum"}));  // the sum of the target needs no seed either
}

TEST(LossGradient, OfMaxPoolingReadsOneByteAnOutput) {
    const Tensor<4> image("x", f32, {2, 3, 8, 8});
    const SavedGradient gradient = saved_gradient(max_pool(image, {2, 2}), {image});
    ASSERT_EQ(gradient.saved.size(), 1u);
    EXPECT_EQ(gradient.backward.find(gradient.saved[0]).type(), u8);
    EXPECT_FALSE(gradient.backward.find("x").defined());
}

}  // namespace
}  // namespace heddle::test
