// examples/04_reductions.cpp -- reductions other than sums: max pooling, argmax, softmax in one sweep over its input
#include <heddle/heddle.h>

#include <cmath>
#include <cstdio>

#include "examples/compare.h"

using namespace heddle;

// The largest of each 3 x 3 window, and where in the window it stands. `skip` leaves out what lies outside of x, so
// that no value has to be invented for it.
bool pooling() {
    constexpr int C = 8, H = 31, W = 31;
    Tensor x("x", f32, {C, H, W}), y("y", f32, {C, 16, 16}), place("place", i32, {C, 16, 16});
    Var c("c"), p("p"), q("q");
    RVar r("r", 3), s("s", 3);
    y(c, p, q).maximize(skip(x)(c, 2 * p + r - 1, 2 * q + s - 1));
    place(c, p, q).argmax(skip(x)(c, 2 * p + r - 1, 2 * q + s - 1));  // 3 * r + s of the first largest
    const Pipeline pipeline = Pipeline::of({y, place});
    std::printf("%s\n", print(pipeline).c_str());

    Buffer input(f32, {C, H, W}), largest(f32, {C, 16, 16}), offsets(i32, {C, 16, 16});
    input.fill_random(1);
    compile(pipeline)({{"x", input}, {"y", largest}, {"place", offsets}});
    const NamedBuffers expected = evaluate(pipeline, {{"x", input}});
    return largest_difference(largest, expected.at("y")) == 0 && largest_difference(offsets, expected.at("place")) == 0;
}

// Softmax of rows. The maximum and the sum of exponentials are a pair that is updated together: each value of x is
// read once for both, and a new maximum rescales the sum so far.
bool softmax() {
    constexpr int N = 64, C = 1000;
    Tensor x("x", f32, {N, C}), y("y", f32, {N, C});
    Tensor m("m", f32, {N}), sum("sum", f32, {N});
    Var n("n"), c("c");
    RVar j("j");
    reduce({m(n), sum(n)}, max_sum_exp_reducer(f32), {x(n, j), 1.0f});
    y(n, c) = exp(x(n, c) - m(n)) / sum(n);
    const Pipeline pipeline = Pipeline::of({y});
    std::printf("%s\n", print(pipeline).c_str());

    Buffer input(f32, {N, C}), output(f32, {N, C});
    input.fill_random(2);
    const Kernel kernel = compile(pipeline);
    kernel({{"x", input}, {"y", output}});
    std::printf("%s\n\n%s\n", print(kernel.schedule()).c_str(),
                print(scheduled_nest(pipeline, kernel.schedule(), kernel.target())).c_str());

    double row = 0;
    for (int i = 0; i < C; ++i) row += output.get({5, i});
    std::printf("a row of the softmax adds up to %.6f\n", row);
    const double worst = largest_difference(output, evaluate(pipeline, {{"x", input}}).at("y"));
    std::printf("largest difference from evaluate(): %.2g\n", worst);
    return std::abs(row - 1) < 1e-5 && worst < 1e-7;
}

int main() {
    const bool fine = pooling() & softmax();
    return fine ? 0 : 1;
}
