// tests/ops/conv2d_form_test.cpp -- how conv2d reads as a definition, its layouts, and what it refuses.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "ops/conv.h"
#include "tests/support/buffers.h"
#include "tests/support/error_text.h"

namespace heddle {
namespace {

std::string definition_of(const AnyTensor& y) { return print(*y.node()->definitions.back()); }

TEST(conv2d_form, is_one_short_definition) {
    Tensor x("x", f32, {2, 8, 9, 9}), w("w", f32, {4, 8, 3, 3});
    EXPECT_EQ(definition_of(conv2d(x, w)), "y[n,k,p,q] += x[n,c,p+r,q+s] * w[k,c,r,s]");
    EXPECT_EQ(definition_of(conv2d(x, w, std::nullopt, {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}})),
              "y[n,k,p,q] += zero(x)[n,c,2*p+r-1,q+2*s] * w[k,c,r,s]");
}

TEST(conv2d_form, depthwise_and_grouped) {
    Tensor x("x", f32, {2, 8, 9, 9}), w("w", f32, {8, 1, 3, 3}), v("v", f32, {16, 4, 3, 3});
    EXPECT_EQ(definition_of(conv2d(x, w, std::nullopt, {.groups = 8})), "y[n,g,p,q] += x[n,g,p+r,q+s] * w[g,0,r,s]");
    EXPECT_EQ(definition_of(conv2d(x, v, std::nullopt, {.groups = 2})),
              "y[n,g*8+i,p,q] += x[n,g*4+c,p+r,q+s] * v[g*8+i,c,r,s] | g<2 i<8");
}

TEST(conv2d_form, layouts_give_the_same_values) {
    Tensor x("x", f32, {2, 3, 5, 4}), w("w", f32, {6, 3, 2, 3});
    const Tensor<4> y = conv2d(x, w, std::nullopt, {.padding = {1, 1}});
    const NamedBuffers inputs = test::random_inputs(Pipeline::of({y}));
    const Buffer expected = evaluate(Pipeline::of({y}), inputs, EvaluatePrecision::f64).at("y");

    Tensor xl("x", f32, {2, 5, 4, 3}), krsc("w", f32, {6, 2, 3, 3}), rsck("w", f32, {2, 3, 3, 6});
    NamedBuffers nhwc{{"x", inputs.at("x").permuted({0, 2, 3, 1})}, {"w", inputs.at("w").permuted({0, 2, 3, 1})}};
    const ConvOptions options{.padding = {1, 1}, .layout = ActivationLayout::nhwc, .weights = WeightLayout::krsc};
    const Pipeline last = Pipeline::of({conv2d(xl, krsc, std::nullopt, options)});
    EXPECT_EQ(test::elements_of(evaluate(last, nhwc, EvaluatePrecision::f64).at("y").permuted({0, 3, 1, 2})),
              test::elements_of(expected));

    nhwc["w"] = inputs.at("w").permuted({2, 3, 1, 0});
    ConvOptions filters_last = options;
    filters_last.weights = WeightLayout::rsck;
    const Pipeline other = Pipeline::of({conv2d(xl, rsck, std::nullopt, filters_last)});
    EXPECT_EQ(test::elements_of(evaluate(other, nhwc, EvaluatePrecision::f64).at("y").permuted({0, 3, 1, 2})),
              test::elements_of(expected));
}

TEST(conv2d_form, sizes_may_be_known_at_run_time_only) {
    const Extent M = Extent::dynamic("M", 1, 64), H = Extent::dynamic("H", 3, 512);
    Tensor x("x", f32, {M, 8, H, H}), w("w", f32, {4, 8, 3, 3});
    const Pipeline pipeline = Pipeline::of({conv2d(x, w)});
    const Buffer y = evaluate(pipeline, {{"x", Buffer(f32, {1, 8, 6, 6})}, {"w", Buffer(f32, {4, 8, 3, 3})}}).at("y");
    EXPECT_EQ(y.shape(), (std::vector<std::int64_t>{1, 4, 4, 4}));
}

TEST(conv2d_form, the_output_may_have_another_type) {
    Tensor x("x", bf16, {1, 8, 4, 4}), w("w", bf16, {4, 8, 3, 3});
    EXPECT_EQ(conv2d(x, w).type(), bf16);
    EXPECT_EQ(conv2d(x, w, std::nullopt, {.output_type = f32}).type(), f32);
}

TEST(conv2d_form, refuses_with_names_and_numbers) {
    Tensor x("x", f32, {2, 8, 9, 9}), w("w", f32, {4, 6, 3, 3}), v("v", f32, {4, 8, 5, 5});
    Tensor bias("bias", f32, {3});
    const auto refusal = [&](const Tensor<4>& filters, const ConvOptions& options) {
        return test::error_of([&] { conv2d(x, filters, std::nullopt, options); });
    };
    EXPECT_EQ(refusal(w, {}), "conv2d: x has 8 channels in 1 group, so that a filter of w needs 8; it has 6");
    EXPECT_EQ(refusal(w, {.groups = 3}), "conv2d: groups=3 does not divide x's channels (8)");
    EXPECT_EQ(refusal(v, {.groups = 8}), "conv2d: groups=8 does not divide v's filters (4)");
    EXPECT_EQ(refusal(v, {.groups = 4}),
              "conv2d: x has 8 channels in 4 groups, so that a filter of v needs 2; it has 8");
    EXPECT_EQ(refusal(v, {.dilation = {3, 1}}),
              "conv2d: the filter spans 13 rows, and x with its padding has 9: give a smaller "
              "filter, less dilation or more padding");
    EXPECT_NE(refusal(v, {.stride = {1, 0}}).find("stride 0"), std::string::npos);
    test::expect_refusal([&] { conv2d(x, v, bias); }, "conv2d: bias has 3 elements, v has 4 filters");
    EXPECT_EQ(refusal(v, {.padding = {2, 2}, .dilation = {3, 3}}), "no error");
}

}  // namespace
}  // namespace heddle
