// tests/textbook/textbook_gradients_test.cpp -- gradients as convolutions equal the derived ones, over all remainders.
#include "ops/textbook_gradients.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dsl/evaluate.h"
#include "dsl/gradient.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

struct Case {
    AnyTensor x, w, y;
    ConvOptions options;
    AnyTensor dy() const { return AnyTensor("dy", f32, y.shape()); }
};
Case one_dimensional(int size, int taps, int stride, int padding, int dilation) {
    ConvOptions options;
    options.stride = stride, options.padding = padding, options.dilation = dilation;
    const AnyTensor x("x", f32, std::vector<Extent>{2, 3, size}), w("w", f32, std::vector<Extent>{4, 3, taps});
    return {x, w, conv(x, w, std::nullopt, options), options};
}

/// "" when both textbook forms give the derived gradients' values, to the last bit, on whole numbers.
std::string difference(const Case& c) {
    const Pipeline derived = Pipeline::of(gradient(c.y, std::vector{c.x, c.w}));
    const AnyTensor dy = c.dy();
    const Pipeline textbook[] = {Pipeline::of({conv_input_gradient_by_flipping(dy, c.w, c.x.shape(), c.options)}),
                                 Pipeline::of({conv_weight_gradient_by_dilation(c.x, dy, c.w.shape(), c.options)})};
    const NamedBuffers inputs = random_inputs(derived, 7, true);
    const NamedBuffers expected = evaluate(derived, inputs);
    for (const Pipeline& pipeline : textbook) {
        NamedBuffers given;
        for (const AnyTensor& input : pipeline.inputs) given[input.name()] = inputs.at(input.name());
        const std::string name = pipeline.outputs[0].name();
        const std::string wrong = first_difference(name, evaluate(pipeline, given).at(name), expected.at(name));
        if (!wrong.empty()) return print(pipeline) + wrong;
    }
    return "";
}

TEST(TextbookGradients, EqualTheDerivedOnesWithEveryRemainder) {
    int compared = 0, with_remainder = 0;
    for (const int stride : {1, 2, 3, 4})
        for (const int padding : {0, 1, 2, 4})
            for (const int dilation : {1, 2, 3})
                for (const int taps : {1, 2, 3})
                    for (int size = 7; size < 11; ++size) {
                        const int room = size + 2 * padding - dilation * (taps - 1) - 1;
                        if (room < 0) continue;
                        ASSERT_EQ(difference(one_dimensional(size, taps, stride, padding, dilation)), "")
                            << "stride " << stride << " padding " << padding << " dilation " << dilation << " taps "
                            << taps << " size " << size;
                        ++compared;
                        with_remainder += room % stride != 0;
                    }
    EXPECT_GT(compared, 500);
    EXPECT_GT(with_remainder, 200);
}

TEST(TextbookGradients, InTwoDimensionsWithDifferentNumbers) {
    ConvOptions options;
    options.stride = {2, 3}, options.padding = {1, 2}, options.dilation = {2, 1};
    const AnyTensor x("x", f32, std::vector<Extent>{2, 3, 8, 9}), w("w", f32, std::vector<Extent>{2, 3, 3, 2});
    EXPECT_EQ(difference({x, w, conv(x, w, std::nullopt, options), options}), "");
}

TEST(TextbookGradients, AreTheseConvolutions) {
    const Case c = one_dimensional(8, 3, 2, 1, 1);
    EXPECT_EQ(print(Pipeline::of({conv_input_gradient_by_flipping(c.dy(), c.w, c.x.shape(), c.options)})),
              "dy: f32[2,4,4]\nw: f32[4,3,3]\ndy_dilated: f32[2,4,10]\nw_flipped: f32[3,4,3]\ndx: f32[2,3,8]\n"
              "dy_dilated[n,k,2*q+1] += dy[n,k,q]\nw_flipped[c,k,s] = w[k,c,2-s]\n"
              "dx[n,k,q] += dy_dilated[n,c,q+s] * w_flipped[k,c,s]\n");
    EXPECT_EQ(print(Pipeline::of({conv_weight_gradient_by_dilation(c.x, c.dy(), c.w.shape(), c.options)})),
              "x: f32[2,3,8]\ndy: f32[2,4,4]\nx_by_channel: f32[3,2,8]\ndy_dilated: f32[4,2,7]\n"
              "dw_by_channel: f32[3,4,4]\ndw: f32[4,3,3]\n"
              "x_by_channel[c,n,q] = x[n,c,q]\ndy_dilated[k,n,2*q] += dy[n,k,q]\n"
              "dw_by_channel[n,k,q] += zero(x_by_channel)[n,c,q+s-1] * dy_dilated[k,c,s]\n"
              "dw[k,c,s] = dw_by_channel[c,k,s] | s<3\n");
}

TEST(TextbookGradients, RefuseWhatTheyAreNotOf) {
    const Case c = one_dimensional(8, 3, 2, 1, 1);
    ConvOptions grouped = c.options;
    grouped.groups = 3;
    expect_refusal([&] { conv_input_gradient_by_flipping(c.dy(), c.w, c.x.shape(), grouped); },
                   "are of convolutions with one group");
    const AnyTensor wrong("dy", f32, std::vector<Extent>{2, 4, 5});
    expect_refusal([&] { conv_weight_gradient_by_dilation(c.x, wrong, c.w.shape(), c.options); },
                   "dy is 2x4x5; a convolution of 2x3x8 with 4x3x3 gives 2x4x4");
}

}  // namespace
}  // namespace heddle::test
