// tests/codegen/conv2d_test.cpp -- convolutions under their default schedules.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "ops/conv.h"
#include "tests/support/compiled.h"
#include "tests/support/print_values.h"
#include "tests/support/random_schedule.h"

namespace heddle {

static void PrintTo(ActivationLayout layout, std::ostream* out) {
    *out << (layout == ActivationLayout::nchw ? "nchw" : "nhwc");
}

namespace test {
namespace {

constexpr BoundaryMode modes[] = {BoundaryMode::zero,    BoundaryMode::constant,  BoundaryMode::replicate,
                                  BoundaryMode::reflect, BoundaryMode::symmetric, BoundaryMode::circular,
                                  BoundaryMode::skip};

struct Sizes {
    std::int64_t n, c, h, w, k, r, s;
};
constexpr Sizes sizes[] = {{2, 4, 9, 11, 6, 3, 3}, {1, 2, 7, 17, 20, 1, 1}, {3, 6, 8, 7, 4, 2, 5}};

// One combination by its number; `what` says which.
Tensor<4> numbered_conv(std::uint64_t number, std::string& what) {
    const auto choice = [&](std::uint64_t count) {
        const std::uint64_t chosen = number % count;
        number /= count;
        return static_cast<int>(chosen);
    };
    ConvOptions options;
    options.stride = {1 + choice(3), 1 + choice(2)};
    options.dilation = {1 + choice(2), 1 + choice(2)};
    options.padding = {choice(3), choice(3)};
    options.groups = 1 + choice(2);
    options.layout = choice(2) ? ActivationLayout::nhwc : ActivationLayout::nchw;
    options.weights = std::array{WeightLayout::kcrs, WeightLayout::krsc, WeightLayout::rsck}[choice(3)];
    options.padding_mode = {modes[choice(7)], 2};
    const bool bias = choice(2);
    const Sizes e = sizes[choice(3)];
    what =
        fmt::format("stride {}x{} dilation {}x{} padding {}x{} groups {} {} weights {} {} bias {} of {}x{}x{}x{}",
                    options.stride[0], options.stride[1], options.dilation[0], options.dilation[1], options.padding[0],
                    options.padding[1], options.groups, options.layout == ActivationLayout::nhwc ? "nhwc" : "nchw",
                    static_cast<int>(options.weights), name_of(options.padding_mode.mode), bias, e.n, e.c, e.h, e.w);
    const bool last = options.layout == ActivationLayout::nhwc;
    const Extent c = e.c / options.groups;
    Tensor<4> x = last ? Tensor<4>("x", f32, {e.n, e.h, e.w, e.c}) : Tensor<4>("x", f32, {e.n, e.c, e.h, e.w});
    Tensor<4> w = options.weights == WeightLayout::kcrs   ? Tensor<4>("w", f32, {e.k, c, e.r, e.s})
                  : options.weights == WeightLayout::krsc ? Tensor<4>("w", f32, {e.k, e.r, e.s, c})
                                                          : Tensor<4>("w", f32, {e.r, e.s, c, e.k});
    std::optional<Tensor<1>> b;
    if (bias) b = Tensor<1>("b", f32, {e.k});
    return conv2d(x, w, b, options);
}
constexpr std::uint64_t combinations = 3 * 2 * 2 * 2 * 3 * 3 * 2 * 2 * 3 * 7 * 2 * 3;

class Conv2d : public testing::TestWithParam<int> {};

TEST_P(Conv2d, DefaultScheduleGivesWhatEvaluateGives) {
    std::uint64_t state = 100 + GetParam();
    int compared = 0;
    for (int i = 0; i < 40; ++i) {
        std::string what;
        Tensor<4> y;
        try {
            y = numbered_conv(random_below(state, combinations), what);
        } catch (const UserError&) {
            continue;  // a padding wider than the boundary allows, or a filter larger than the image
        }
        const Target target = Target::parse(i % 4 == 1 ? "host:avx2" : i % 8 == 3 ? "host:sse" : "host");
        const Compiled compiled(Pipeline::of({y}));
        ASSERT_EQ(compiled.difference(std::nullopt, i % 7 == 5 ? target.checked() : target), "") << what;
        ++compared;
    }
    EXPECT_GT(compared, 30);
}
INSTANTIATE_TEST_SUITE_P(Sampled, Conv2d, testing::Range(0, 10));

class Conv2dBoundary : public testing::TestWithParam<std::tuple<BoundaryMode, ActivationLayout>> {};

TEST_P(Conv2dBoundary, AtEveryEdgeOfAnOddImage) {
    const auto [mode, layout] = GetParam();
    const bool last = layout == ActivationLayout::nhwc;
    ConvOptions options;
    options.padding = {2, 2};
    options.padding_mode = {mode, -1};
    options.layout = layout;
    const Tensor<4> x = last ? Tensor<4>("x", f32, {1, 5, 21, 3}) : Tensor<4>("x", f32, {1, 3, 5, 21});
    const Tensor<4> w("w", f32, {17, 3, 5, 5});
    EXPECT_EQ(Compiled(Pipeline::of({conv2d(x, w, std::nullopt, options)})).difference(), "");
}
INSTANTIATE_TEST_SUITE_P(All, Conv2dBoundary,
                         testing::Combine(testing::ValuesIn(modes),
                                          testing::Values(ActivationLayout::nchw, ActivationLayout::nhwc)));

}  // namespace
}  // namespace test
}  // namespace heddle
