// tests/dsl/evaluate_tuple_test.cpp -- several tensors defined by one reduction.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

struct evaluate_tuple : testing::Test {
    Tensor<2> x{"x", f32, {2, 5}};
    Tensor<1> a{"a", f32}, b{"b", f32};
    Var i{"i"};
    RVar r{"r"};
};

TEST_F(evaluate_tuple, the_maximum_and_the_sum_of_exponentials_in_one_sweep) {
    reduce({a(i), b(i)}, max_sum_exp_reducer(f32), {x(i, r), 1.0});
    const Pipeline pipeline = Pipeline::of({a, b});
    EXPECT_EQ(pipeline.stages.size(), 1u);
    const NamedBuffers inputs = test::random_inputs(pipeline), results = evaluate(pipeline, inputs);
    for (std::int64_t n = 0; n < 2; ++n) {
        double largest = -1, sum = 0;
        for (std::int64_t c = 0; c < 5; ++c) largest = std::max(largest, inputs.at("x").get({n, c}));
        for (std::int64_t c = 0; c < 5; ++c) sum += std::exp(inputs.at("x").get({n, c}) - largest);
        EXPECT_EQ(results.at("a").get({n}), largest);
        EXPECT_NEAR(results.at("b").get({n}), sum, 1e-5);
    }
}

TEST_F(evaluate_tuple, components_start_from_their_assignments) {
    const Reducer sums = make_reducer("sums", {Expr::floating(0, f32), Expr::floating(0, f32)}, [](auto p, auto q) {
        return std::vector<Expr>{p[0] + q[0], p[1] + q[1]};
    });
    b(i) = x(i, 0);
    reduce({a(i), b(i)}, sums, {x(i, r), 10.0});
    const Pipeline pipeline = Pipeline::of({a});
    ASSERT_EQ(pipeline.intermediates.size(), 1u);
    EXPECT_EQ(pipeline.intermediates[0].name(), "b");
    const Pipeline both = Pipeline::of({a, b});
    const NamedBuffers inputs{{"x", test::buffer_of(f32, {2, 5}, {1, 1, 1, 1, 1, 2, 2, 2, 2, 2})}};
    EXPECT_EQ(test::elements_of(evaluate(both, inputs).at("a")), (std::vector<double>{5, 10}));
    EXPECT_EQ(test::elements_of(evaluate(both, inputs).at("b")), (std::vector<double>{51, 52}));
    EXPECT_EQ(evaluate_at(both, inputs, b, {{1}, {0}}), (std::vector<double>{52, 51}));
}

TEST_F(evaluate_tuple, needs_as_many_tensors_and_values_as_components) {
    test::expect_refusal([&] { reduce({a(i)}, argmax_reducer(f32), {x(i, r)}); },
                         "the reducer argmax has 2 components, and 1 tensors (a) are defined by 1 values");
}

TEST_F(evaluate_tuple, needs_the_components_types_and_equal_indices) {
    Tensor p("p", i32, {2});
    test::expect_refusal(
        [&] {
            reduce({a(i), p(i)}, argmax_reducer(f32), {x(i, r), r});
        },
        "component 1 of the reducer argmax is i64, and p holds i32");
    test::expect_refusal(
        [&] {
            reduce({a(i), b(i + 0 * r)}, max_sum_exp_reducer(f32), {x(i, r), 1.0});
        },
        "a and b are defined together and must have the same indices");
}

TEST_F(evaluate_tuple, all_its_tensors_are_kept) {
    {
        Tensor<1> lost("lost", f32);
        reduce({a(i), lost(i)}, max_sum_exp_reducer(f32), {x(i, r), 1.0});
    }
    test::expect_refusal([&] { Pipeline::of({a}); }, "keep all tensors that reduce() defines");
}

}  // namespace
}  // namespace heddle
