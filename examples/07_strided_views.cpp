// examples/07_strided_views.cpp -- kernels on memory that is already there: views with strides, a batch size of any
// value
#include <heddle/heddle.h>

#include <cstdio>
#include <vector>

#include "examples/compare.h"

using namespace heddle;

int main() {
    // The number of images is known when the kernel runs, not when it is compiled; the rest is fixed.
    constexpr int H = 32, W = 48;
    const Extent N = Extent::dynamic("N", 1, 64);
    Tensor x("x", f32, {N, H, W}), edges("edges", f32, {N, H, W});
    Var n("n"), i("i"), j("j");
    auto at = replicate(x);
    edges(n, i, j) = abs(at(n, i, j + 1) - at(n, i, j - 1)) + abs(at(n, i + 1, j) - at(n, i - 1, j));

    const Pipeline pipeline = Pipeline::of({edges});
    std::printf("%s\n", print(pipeline).c_str());
    const Kernel kernel = compile(pipeline);

    // A camera's frames: three bytes of colour a pixel would be u8; here three floats, interleaved, with 16 floats of
    // padding after each row. The green channel of all frames is a view: every third float from the second on.
    constexpr int pitch = 3 * W + 16;
    bool fine = true;
    for (const int frames : {1, 3, 7}) {
        std::vector<float> memory(static_cast<std::size_t>(frames) * H * pitch);
        for (std::size_t e = 0; e < memory.size(); ++e) memory[e] = static_cast<float>((e * e) % 251);
        const Buffer green(f32, {frames, H, W}, memory.data() + 1, {H * pitch, pitch, 3});

        // The result is written upside down: a negative stride from the last row on.
        std::vector<float> result(static_cast<std::size_t>(frames) * H * W, -1.0f);
        const Buffer flipped(f32, {frames, H, W}, result.data() + (H - 1) * W, {H * W, -W, 1});
        kernel({{"x", green}, {"edges", flipped}});

        const Buffer expected = evaluate(pipeline, {{"x", green}}).at("edges");
        const double worst = largest_difference(flipped, expected);
        std::printf("%d frames: largest difference from evaluate() %.2g\n", frames, worst);
        fine &= worst == 0 && result[0] == static_cast<float>(expected.get({0, H - 1, 0}));
    }

    // What does not fit is refused before anything is written.
    try {
        kernel({{"x", Buffer(f32, {65, H, W})}, {"edges", Buffer(f32, {65, H, W})}});
        fine = false;
    } catch (const UserError& error) {
        std::printf("%s\n", error.message().c_str());
    }
    return fine ? 0 : 1;
}
