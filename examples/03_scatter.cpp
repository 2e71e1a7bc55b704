// examples/03_scatter.cpp -- definitions that say where values go: a transposed convolution and a histogram
#include <heddle/heddle.h>

#include <cstdio>

#include "examples/compare.h"

using namespace heddle;

int main() {
    // Every pixel of x is multiplied by a 4 x 4 stamp a channel and added to u at twice its place: the image grows by
    // two. The written index is computed, so this is a scatter. Writes that fall outside of u are dropped.
    constexpr int C = 8, K = 4, H = 12, W = 16;
    Tensor x("x", f32, {C, H, W}), u("u", f32, {K, 2 * H, 2 * W});
    Tensor stamp("stamp", f32, {C, K, 4, 4});
    Var k("k"), p("p"), q("q"), r("r"), s("s");
    RVar c("c");
    u(k, 2 * p + r - 1, 2 * q + s - 1) += x(c, p, q) * stamp(c, k, r, s);

    // Where t says: the index comes from data, `index` promises that it lies in [0, 10).
    constexpr int L = 1000;
    Tensor t("t", i32, {L}), counts("counts", i32, {10});
    Var l("l");
    counts(index(t(l), 10)) += 1;

    const Pipeline pipeline = Pipeline::of({u, counts});
    std::printf("%s\n", print(pipeline).c_str());
    std::printf("%s\n", print(plain_nest(pipeline, Target::best())).c_str());

    Buffer image(f32, {C, H, W}), stamps(f32, {C, K, 4, 4}), grown(f32, {K, 2 * H, 2 * W});
    image.fill_random(1);
    stamps.fill_random(2);
    Buffer digits(i32, {L}), histogram(i32, {10});
    for (int i = 0; i < L; ++i) digits.set({i}, (i * i / 7) % 10);

    const Kernel kernel = compile({u, counts});
    kernel({{"x", image}, {"stamp", stamps}, {"t", digits}, {"u", grown}, {"counts", histogram}});

    for (int i = 0; i < 10; ++i) std::printf("%d: %.0f times\n", i, histogram.get({i}));
    const NamedBuffers expected = evaluate(pipeline, {{"x", image}, {"stamp", stamps}, {"t", digits}});
    const double worst = largest_difference(grown, expected.at("u"));
    const double miscounted = largest_difference(histogram, expected.at("counts"));
    std::printf("largest difference from evaluate(): %.2g, miscounted: %.0f\n", worst, miscounted);

    // A digit that is none is found while the kernel runs.
    digits.set({17}, 12);
    bool refused = false;
    try {
        kernel({{"x", image}, {"stamp", stamps}, {"t", digits}, {"u", grown}, {"counts", histogram}});
    } catch (const UserError& error) {
        refused = true;
        std::printf("%s\n", error.message().c_str());
    }
    return worst < 1e-4 && miscounted == 0 && refused ? 0 : 1;
}
