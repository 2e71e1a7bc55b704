// examples/host_program/host_program.cpp -- a program that defines, compiles and runs a stencil of its own
//
// Five points of a plate exchange heat; the rim keeps the value of its nearest inner point.
#include <heddle/heddle.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace heddle;

int main() {
    constexpr int H = 40, W = 60;
    constexpr float rate = 0.2f;

    Tensor plate("plate", f32, {H, W}), next("next", f32, {H, W});
    Var h("h"), w("w");
    auto at = replicate(plate);
    next(h, w) = plate(h, w) + rate * (at(h - 1, w) + at(h + 1, w) + at(h, w - 1) + at(h, w + 1) - 4.0f * plate(h, w));

    std::vector<float> before(H * W), after(H * W);
    for (int i = 0; i < H * W; ++i) before[i] = static_cast<float>((i * 37) % 101);

    Kernel step = compile(next, Target::host());
    step({{"plate", Buffer(f32, {H, W}, before.data())}, {"next", Buffer(f32, {H, W}, after.data())}});

    auto clamped = [&](int row, int column) {
        row = row < 0 ? 0 : row >= H ? H - 1 : row;
        column = column < 0 ? 0 : column >= W ? W - 1 : column;
        return before[row * W + column];
    };
    float worst = 0;
    for (int row = 0; row < H; ++row) {
        for (int column = 0; column < W; ++column) {
            float around = clamped(row - 1, column) + clamped(row + 1, column) + clamped(row, column - 1) +
                           clamped(row, column + 1);
            float middle = clamped(row, column);
            float expected = middle + rate * (around - 4.0f * middle);
            worst = std::fmax(worst, std::fabs(after[row * W + column] - expected));
        }
    }
    std::printf("heat step on %d x %d points: largest error %.2g\n", H, W, worst);
    return worst < 1e-4f ? 0 : 1;
}
