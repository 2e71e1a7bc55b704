// tests/gradient/transposed_sweep_test.cpp -- transposed convolutions as gathers, in one to four dimensions.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dsl/gather_pipeline.h"
#include "dsl/invert_scatter.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "runtime/text.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

struct Window {
    int size, stride, dilation, taps, padding, output_padding;
    int output() const { return (size - 1) * stride - 2 * padding + dilation * (taps - 1) + output_padding + 1; }
};

std::string text_of(const std::vector<Window>& windows) {
    std::vector<std::string> x, w, u, left, p, r;
    for (std::size_t d = 0; d < windows.size(); ++d) {
        const Window& one = windows[d];
        x.push_back(std::to_string(one.size));
        w.push_back(std::to_string(one.taps));
        u.push_back(std::to_string(one.output()));
        p.push_back(fmt::format("p{}", d));
        r.push_back(fmt::format("r{}", d));
        left.push_back(fmt::format("{}*p{}+{}*r{}-{}", one.stride, d, one.dilation, d, one.padding));
    }
    return fmt::format("x: f32[{}]; w: f32[{}]; u: f32[{}]\nu[{}] += x[{}] * w[{}]", join(x, ","), join(w, ","),
                       join(u, ","), join(left, ","), join(p, ","), join(r, ","));
}

/// "" when the gather gives what the scatter gives, to the last bit on whole numbers.
std::string difference(const std::vector<Window>& windows) {
    const std::string text = text_of(windows);
    const Pipeline scatter = parse_pipeline(text), gather = gather_pipeline(scatter);
    const InvertedScatter form = invert_scatter(*scatter.stages[0].definition);
    if (form.form == InvertedScatter::Form::scatter || form.selects > 0) return text + ": " + form.text();
    const NamedBuffers inputs = random_inputs(scatter, 7, true);
    const std::string found =
        first_difference("u", evaluate(gather, inputs).at("u"), evaluate(scatter, inputs).at("u"));
    return found.empty() ? "" : text + "\n" + print(gather) + found;
}

/// Every window with an output: strides past the taps, dilations that share a factor with the stride, rows that no tap
/// reaches (output padding), remainders.
std::vector<Window> windows(const std::vector<int>& sizes, int most_stride, int most_dilation, int most_taps,
                            int most_padding) {
    std::vector<Window> all;
    for (const int size : sizes)
        for (int stride = 1; stride <= most_stride; ++stride)
            for (int dilation = 1; dilation <= most_dilation; ++dilation)
                for (int taps = 1; taps <= most_taps; ++taps)
                    for (int padding = 0; padding <= most_padding; ++padding)
                        for (int extra = 0; extra < std::max(stride, dilation); ++extra)
                            if (const Window one{size, stride, dilation, taps, padding, extra}; one.output() > 0)
                                all.push_back(one);
    return all;
}

TEST(TransposedSweep, InOneDimension) {
    const std::vector<Window> all = windows({1, 2, 5}, 6, 4, 5, 2);
    EXPECT_GT(all.size(), 2500u);
    for (const Window& one : all) ASSERT_EQ(difference({one}), "");
}

TEST(TransposedSweep, InTwoDimensions) {
    const std::vector<Window> all = windows({2}, 3, 2, 3, 1);
    for (const Window& a : all)
        for (const Window& b : windows({3}, 2, 2, 2, 1)) ASSERT_EQ(difference({a, b}), "");
}

TEST(TransposedSweep, InThreeDimensions) {
    for (const Window& a : windows({2}, 3, 1, 2, 1))
        for (const Window& b : windows({2}, 2, 2, 2, 0))
            for (const Window& c : {Window{1, 2, 1, 3, 1, 1}, Window{2, 3, 1, 3, 0, 2}, Window{2, 4, 2, 2, 1, 0}})
                ASSERT_EQ(difference({a, b, c}), "");
}

TEST(TransposedSweep, InFourDimensions) {
    const Window some[] = {{2, 1, 1, 2, 0, 0}, {2, 2, 1, 3, 1, 1}, {1, 3, 1, 2, 0, 2}, {2, 2, 2, 2, 0, 1}};
    for (const Window& a : some)
        for (const Window& b : some)
            for (const Window& c : some)
                for (const Window& d : some) ASSERT_EQ(difference({a, b, c, d}), "");
}

double points_of(const Definition& definition) {
    double points = 1;
    for (const DomainVar& v : definition.domain) points *= static_cast<double>(v.extent.value());
    return points;
}

// Zeros inserted between the elements of x would be visited by taps^2 points an element of the output, of which three
// in four (stride 2) multiply a zero.
TEST(TransposedTaps, AreNotSpentOnInsertedZeros) {
    for (const int taps : {2, 3, 4, 5})
        for (const int stride : {1, 2, 3}) {
            const int size = 8, visited = (taps + stride - 1) / stride;
            const Window one{size, stride, 1, taps, 0, 0};
            const Pipeline scatter = parse_pipeline(text_of({one, one})), gather = gather_pipeline(scatter);
            const double outputs = one.output() * one.output();
            EXPECT_EQ(points_of(*gather.stages[0].definition), outputs * visited * visited);

            // Each element of x meets each tap once, and nothing else adds.
            NamedBuffers ones;
            for (const AnyTensor& input : scatter.inputs) {
                ones[input.name()] = Buffer(f32, {input.shape()[0].value(), input.shape()[1].value()});
                for_each_index(ones[input.name()].shape(), [&](const auto& i) { ones[input.name()].set(i, 1); });
            }
            double sum = 0;
            const Buffer u = evaluate(gather, ones).at("u");
            for_each_index(u.shape(), [&](const auto& i) { sum += u.get(i); });
            EXPECT_EQ(sum, points_of(*scatter.stages[0].definition));
            const double inserted_zeros = outputs * taps * taps;
            if (stride > 1 && taps >= stride) {
                EXPECT_LE(points_of(*gather.stages[0].definition), 0.5 * inserted_zeros);
            }
        }
}

TEST(TransposedTaps, AreReported) {
    const auto text = [](const Window& one) {
        return invert_scatter(*parse_pipeline(text_of({one, one})).stages[0].definition).text();
    };
    EXPECT_EQ(text({8, 2, 1, 4, 1, 0}), "gather, 4 classes, 4 taps a point, no atomics");
    EXPECT_EQ(text({8, 2, 1, 3, 1, 0}), "gather, 4 classes, 9/4 taps a point, no atomics");
    EXPECT_EQ(text({8, 4, 1, 2, 0, 0}), "gather, 16 classes, 1/4 taps a point, no atomics");
    EXPECT_EQ(text({8, 1, 1, 3, 1, 0}), "gather, 1 class, 9 taps a point, no atomics");
}

}  // namespace
}  // namespace heddle::test
