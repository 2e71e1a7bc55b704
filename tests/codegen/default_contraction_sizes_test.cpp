// tests/codegen/default_contraction_sizes_test.cpp -- default schedules of convolutions of any sizes are emitted, in
// every direction, type and layout.
#include <gtest/gtest.h>

#include <random>

#include "codegen/cuda_plan.h"
#include "codegen/make_plan.h"
#include "dsl/gather_pipeline.h"
#include "dsl/gradient.h"
#include "dsl/print.h"
#include "ops/conv.h"
#include "schedules/schedule.h"

namespace heddle::test {
namespace {

struct Sizes {
    std::int64_t N, C, H, W, K, R, S;
    int stride, padding, dilation;
};

Sizes random_sizes(std::mt19937& random) {
    const auto one_of = [&](std::vector<std::int64_t> values) { return values[random() % values.size()]; };
    Sizes sizes{};
    sizes.N = one_of({1, 2, 3, 8, 16});
    sizes.C = one_of({3, 8, 16, 24, 37, 40, 64, 72, 128, 256});
    sizes.K = one_of({5, 8, 16, 37, 48, 64, 72, 128, 200});
    sizes.H = one_of({1, 4, 7, 8, 14, 16, 31, 32, 64});
    sizes.W = one_of({1, 4, 7, 8, 14, 16, 28, 32, 64, 128, 250});
    sizes.R = one_of({1, 1, 2, 3, 3, 5});
    sizes.S = one_of({1, 3, 3, 5, 7});
    sizes.stride = static_cast<int>(one_of({1, 1, 2, 3}));
    sizes.dilation = static_cast<int>(one_of({1, 1, 2}));
    sizes.padding = static_cast<int>(one_of({0, 1, 3}));
    return sizes;
}

class DefaultContractionSizes : public testing::TestWithParam<int> {};

TEST_P(DefaultContractionSizes, AreEmitted) {
    std::mt19937 random(static_cast<unsigned>(GetParam()));
    for (int i = 0; i < 6; ++i) {
        const Sizes z = random_sizes(random);
        if (z.H + 2 * z.padding < z.dilation * (z.R - 1) + 1 || z.W + 2 * z.padding < z.dilation * (z.S - 1) + 1)
            continue;
        for (const bool last : {true, false})
            for (const ScalarType type : {bf16, f32, f64}) {
                const auto shape = [&](std::int64_t a, std::int64_t b, std::int64_t h, std::int64_t w) {
                    return last ? std::vector<Extent>{a, h, w, b} : std::vector<Extent>{a, b, h, w};
                };
                const Tensor<4> x(AnyTensor("x", type, shape(z.N, z.C, z.H, z.W))),
                    w(AnyTensor("w", type, shape(z.K, z.C, z.R, z.S)));
                ConvOptions options;
                options.stride = z.stride;
                options.padding = z.padding;
                options.dilation = z.dilation;
                options.layout = last ? ActivationLayout::nhwc : ActivationLayout::nchw;
                options.weights = last ? WeightLayout::krsc : WeightLayout::kcrs;
                const AnyTensor y = conv2d(x, w, std::nullopt, options);
                std::vector<Pipeline> pipelines = {Pipeline::of({y})};
                for (const AnyTensor& by : {AnyTensor(x), AnyTensor(w)})
                    pipelines.push_back(Pipeline::of(gradient(y, std::vector<AnyTensor>{by})));
                for (const Pipeline& written : pipelines)
                    for (const int capability : {80, 90}) {
                        const Pipeline pipeline = gather_pipeline(written);
                        const Target target = Target::cuda(capability);
                        const Schedule schedule = default_schedule(pipeline, target);
                        EXPECT_NO_THROW(cuda_sources(make_plan(pipeline, schedule, target), schedule))
                            << print(pipeline) << "\n"
                            << print(schedule);
                    }
            }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DefaultContractionSizes, testing::Range(0, 8));

}  // namespace
}  // namespace heddle::test
