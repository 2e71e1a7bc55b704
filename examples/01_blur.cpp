// examples/01_blur.cpp -- a blur in two passes, fused tile by tile
//
// A 3 x 3 box blur is a pass along rows, then one along columns. Run one after the other, the intermediate image goes
// through memory. Here the first pass is computed where the second needs it: each band of rows of the result computes
// the rows of the intermediate that it reads, two of which its neighbours compute too (overlapped tiles).
#include <heddle/heddle.h>

#include <cstdio>

#include "examples/compare.h"

using namespace heddle;

int main() {
    constexpr int H = 480, W = 640;
    Tensor image("image", f32, {H, W}), rows("rows", f32, {H + 2, W}), blurred("blurred", f32, {H, W});
    Var h("h"), i("i", H), j("j");

    // Beyond the rim the nearest pixel stands in. Row h of `rows` is image row h - 1, blurred along the row.
    auto pixel = replicate(image);
    rows(h, j) = (pixel(h - 1, j - 1) + pixel(h - 1, j) + pixel(h - 1, j + 1)) / 3.0f;
    blurred(i, j) = (rows(i, j) + rows(i + 1, j) + rows(i + 2, j)) / 3.0f;

    const Pipeline pipeline = Pipeline::of({blurred});
    std::printf("%s\n", print(pipeline).c_str());

    // Bands of 16 rows go to the threads. In each band the first pass runs over the 18 rows that the band reads.
    Schedule plan;
    plan.stage(blurred).split(i, 16).parallel(i.outer()).split(j, 16).vectorize(j.inner());
    plan.stage(rows).compute_at(blurred, i.outer()).split(j, 16).vectorize(j.inner());
    std::printf("%s\n\n%s\n", print(plan).c_str(), print(scheduled_nest(pipeline, plan, Target::best())).c_str());

    CompileOptions options;
    options.schedule = plan;
    const Kernel blur = compile(pipeline, Target::best(), options);

    // A checkerboard of 40 pixels a square.
    Buffer in(f32, {H, W}), out(f32, {H, W});
    for_each_index(in.shape(), [&](const auto& at) { in.set(at, (at[0] / 40 + at[1] / 40) % 2 ? 1 : 0); });
    blur({{"image", in}, {"blurred", out}});

    std::printf("across a corner of the board:\n");
    for (int r = 37; r < 43; ++r) {
        for (int c = 36; c < 44; ++c) std::printf(" %.3f", out.get({r, c}));
        std::printf("\n");
    }

    const Buffer expected = evaluate(pipeline, {{"image", in}}).at("blurred");
    const double worst = largest_difference(out, expected);
    std::printf("largest difference from evaluate(): %.2g\n", worst);
    return worst < 1e-6 ? 0 : 1;
}
