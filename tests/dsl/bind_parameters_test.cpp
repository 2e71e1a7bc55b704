// tests/dsl/bind_parameters_test.cpp -- run-time sizes from buffers, and buffers that do not fit.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

struct binding : testing::Test {
    Pipeline pipeline = parse_pipeline("N in [1,64]\nx: f32[N,2*N+1]\ny: f32[N]\ny[n] += x[n,c]\n");
    std::int64_t bound(std::vector<std::int64_t> shape, ScalarType type = f32) {
        return bind_parameters(pipeline, {{"x", Buffer(type, std::move(shape))}}).at(pipeline.parameters[0]);
    }
};

TEST_F(binding, solves_for_the_sizes) {
    EXPECT_EQ(bound({3, 7}), 3);
    EXPECT_EQ(evaluate(pipeline, {{"x", Buffer(f32, {3, 7})}}).at("y").shape(), std::vector<std::int64_t>{3});
}

TEST_F(binding, refuses_sizes_that_do_not_fit) {
    test::expect_refusal([&] { bound({3, 8}); }, "x has the size 8 at dimension 1; its shape says");
    test::expect_refusal(
        [&] {
            bound({65, 131});
        },
        "x has the size 65 at dimension 0; its shape says N, with N in [1, 64]");
}

TEST_F(binding, refuses_another_type_or_rank) {
    test::expect_refusal([&] { bound({3, 7}, f64); }, "x is a tensor of f32 and is given a buffer of f64");
    test::expect_refusal([&] { bound({3, 7, 1}); }, "x has 2 dimensions and is given a buffer of shape 3x7x1");
}

TEST_F(binding, refuses_a_missing_buffer) {
    test::expect_refusal(
        [&] {
            bind_parameters(pipeline, {{"X", Buffer(f32, {3, 7})}});
        },
        "no buffer is given for the input x; given are: X (did you mean X?)");
}

TEST_F(binding, checks_outputs_that_are_given) {
    const NamedBuffers buffers{{"x", Buffer(f32, {3, 7})}, {"y", Buffer(f32, {4})}};
    test::expect_refusal([&] { bind_parameters(pipeline, buffers); }, "y has the size 4 at dimension 0");
}

}  // namespace
}  // namespace heddle
