// tests/dsl/pipeline_test.cpp -- definitions in dependency order, and their cost.
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

#include "dsl/pipeline.h"

namespace heddle {
namespace {

struct pipeline_of : testing::Test {
    Tensor<1> x{"x", f32, {4}}, a{"a", f32, {4}}, b{"b", f32, {4}}, c{"c", f32, {4}};
    Var i{"i"};
    RVar r{"r"};
};

TEST_F(pipeline_of, producers_stand_before_consumers) {
    c(i) = a(i) + b(i);
    b(i) += a(r) * x(i);
    a(i) = 2 * x(i);
    const Pipeline pipeline = Pipeline::of({c});
    std::string order;
    for (const PipelineStage& stage : pipeline.stages) order += stage.name() + " ";
    EXPECT_EQ(order, "a.0 b.0 c.0 ");
    EXPECT_EQ(pipeline.inputs, std::vector<AnyTensor>{x});
    EXPECT_EQ(pipeline.intermediates, (std::vector<AnyTensor>{a, b}));
    EXPECT_EQ(pipeline.find("b"), b);
    EXPECT_FALSE(pipeline.find("d").defined());
}

TEST_F(pipeline_of, an_output_needs_a_definition) {
    test::expect_refusal([&] { Pipeline::of({x}); }, "x is an output and has no definition");
}

TEST_F(pipeline_of, cyclic_reads_are_refused) {
    a(i) = b(i);
    b(i) = c(i);
    c(i) = a(i) + x(i);
    test::expect_refusal([&] { Pipeline::of({b}); }, "cyclic definitions: b reads c reads a reads b");
}

TEST_F(pipeline_of, two_tensors_of_one_name_are_refused) {
    Tensor other("x", f32, {4});
    a(i) = x(i) + other(i);
    test::expect_refusal([&] { Pipeline::of({a}); }, "two tensors of one pipeline are named x");
}

TEST_F(pipeline_of, cost_counts_a_multiply_add_as_two) {
    b(i) += x(r) * x(i);
    const Cost cost = cost_of(Pipeline::of({b}));
    EXPECT_EQ(cost.operations, 2 * 16);
    EXPECT_EQ(cost.points, 16);
    EXPECT_EQ(cost.input_bytes, 16);
    EXPECT_EQ(cost.output_elements, 4);
    EXPECT_EQ(cost.intensity(), 1);
}

TEST_F(pipeline_of, cost_counts_padding_and_no_index_arithmetic) {
    RVar s("s", 3);
    b(i) += zero(x)(2 * i + s - 1);
    EXPECT_EQ(cost_of(Pipeline::of({b})).operations, 12);
}

TEST_F(pipeline_of, cost_needs_all_sizes) {
    Tensor d("d", f32, {Extent::dynamic("N", 1, 9)});
    Tensor<1> e("e", f32);
    e(i) = d(i);
    test::expect_refusal([&] { cost_of(Pipeline::of({e})); }, "the cost depends on the run-time size N");
}

}  // namespace
}  // namespace heddle
