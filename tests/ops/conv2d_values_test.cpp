// tests/ops/conv2d_values_test.cpp -- conv2d against plain loops over stride, padding, dilation, groups and boundary.
#include <gtest/gtest.h>

#include "ops/conv.h"
#include "tests/support/buffers.h"
#include "tests/support/print_values.h"

namespace heddle {
namespace {

constexpr std::int64_t N = 2, C = 4, H = 7, W = 6, K = 6, R = 3, S = 2;

/// Where a padded read lands: the index inside, or -1 for a zero.
std::int64_t landed(std::int64_t i, std::int64_t extent, BoundaryMode mode) {
    if (i >= 0 && i < extent) return i;
    if (mode == BoundaryMode::replicate) return i < 0 ? 0 : extent - 1;
    if (mode == BoundaryMode::reflect) return i < 0 ? -i : 2 * (extent - 1) - i;
    if (mode == BoundaryMode::circular) return i < 0 ? i + extent : i - extent;
    return -1;
}

std::vector<double> by_loops(const Buffer& x, const Buffer& w, const Buffer& bias, const ConvOptions& o,
                             const std::vector<std::int64_t>& shape) {
    std::vector<double> result;
    const std::int64_t channels = C / o.groups, filters = K / o.groups;
    for_each_index(shape, [&](const std::vector<std::int64_t>& y) {
        double sum = bias.get({y[1]});
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t r = 0; r < R; ++r)
                for (std::int64_t s = 0; s < S; ++s) {
                    const std::int64_t h =
                        landed(y[2] * o.stride[0] + r * o.dilation[0] - o.padding[0], H, o.padding_mode.mode);
                    const std::int64_t v =
                        landed(y[3] * o.stride[1] + s * o.dilation[1] - o.padding[1], W, o.padding_mode.mode);
                    if (h < 0 || v < 0) continue;
                    sum += x.get({y[0], y[1] / filters * channels + c, h, v}) * w.get({y[1], c, r, s});
                }
        result.push_back(sum);
    });
    return result;
}

using Case = std::tuple<std::array<int, 2>, std::array<int, 2>, std::array<int, 2>, int, BoundaryMode>;
struct conv2d_values : testing::TestWithParam<Case> {};

TEST_P(conv2d_values, equal_plain_loops) {
    ConvOptions options;
    std::tie(options.stride, options.padding, options.dilation, options.groups, options.padding_mode.mode) = GetParam();
    Tensor x("x", f32, {N, C, H, W}), w("w", f32, {K, C / options.groups, R, S});
    Tensor bias("bias", f32, {K});
    const Tensor<4> y = conv2d(x, w, bias, options);
    const Pipeline pipeline = Pipeline::of({y});
    const NamedBuffers inputs =
        test::random_inputs(pipeline, 1, true);  // small integers: every order gives the same sum
    const Buffer result = evaluate(pipeline, inputs).at("y");
    EXPECT_EQ(test::elements_of(result),
              by_loops(inputs.at("x"), inputs.at("w"), inputs.at("bias"), options, result.shape()));
    EXPECT_EQ(result.shape()[2],
              (H + 2 * options.padding[0] - options.dilation[0] * (R - 1) - 1) / options.stride[0] + 1);
    const std::vector<std::int64_t> corner{N - 1, K - 1, result.shape()[2] - 1, result.shape()[3] - 1};
    EXPECT_EQ(evaluate_at(pipeline, inputs, y, {corner})[0], result.get(corner));
}

INSTANTIATE_TEST_SUITE_P(sweep, conv2d_values,
                         testing::Combine(testing::Values(std::array{1, 1}, std::array{2, 3}),
                                          testing::Values(std::array{0, 0}, std::array{1, 2}),
                                          testing::Values(std::array{1, 1}, std::array{2, 1}), testing::Values(1, 2),
                                          testing::Values(BoundaryMode::zero, BoundaryMode::replicate,
                                                          BoundaryMode::reflect, BoundaryMode::circular)));

}  // namespace
}  // namespace heddle
