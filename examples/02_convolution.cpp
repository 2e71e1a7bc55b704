// examples/02_convolution.cpp -- a convolution: its definition, two schedules, their times and the check
#include <heddle/heddle.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "examples/compare.h"

using namespace heddle;

// The shortest of several calls, in seconds.
double seconds_of(const Kernel& kernel, const std::vector<std::pair<std::string, Buffer>>& buffers) {
    double best = 1e9;
    for (int call = 0; call < 10; ++call) {
        const auto start = std::chrono::steady_clock::now();
        kernel(buffers);
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

int main() {
    // 3 x 3 filters with a ring of zeros around the images; channels vary fastest (NHWC), filters are K R S C.
    constexpr int N = 4, H = 56, W = 56, C = 64, K = 64;
    Tensor x("x", f32, {N, H, W, C}), w("w", f32, {K, 3, 3, C}), y("y", f32, {N, H, W, K});
    Var n("n"), p("p"), q("q"), k("k");
    RVar r("r"), s("s"), c("c");
    y(n, p, q, k) += zero(x)(n, p + r - 1, q + s - 1, c) * w(k, r, s, c);

    const Pipeline pipeline = Pipeline::of({y});
    const Cost cost = cost_of(pipeline);
    std::printf("%s\n%.2f GFLOP on %.1f MB: %.0f operations a byte\n\n",
                print_mathematics(*pipeline.stages[0].definition).c_str(), cost.operations * 1e-9,
                (cost.input_bytes + cost.output_bytes) * 1e-6, cost.intensity());

    Buffer image(f32, {N, H, W, C}), filters(f32, {K, 3, 3, C}), result(f32, {N, H, W, K});
    image.fill_random(1);
    filters.fill_random(2);
    const std::vector<std::pair<std::string, Buffer>> buffers = {{"x", image}, {"w", filters}, {"y", result}};

    // By hand: 8 output columns x 32 filters stay in registers while the taps and channels go by. The filters are
    // copied once into the order in which the loops read them, 32 to a row.
    Schedule by_hand;
    by_hand.split(q, 8)
        .split(k, 32)
        .split(k.inner(), 16)
        .reorder({n, p, k.outer(), q.outer(), r, s, c, q.inner(), "k.i.o", "k.i.i"});
    by_hand.accumulate_in("registers", q.outer()).pack(w, {"k.o", "r", "s", "c", "k.i.o", "k.i.i"});
    by_hand.clip(r).partition(q.outer()).unroll(q.inner()).unroll("k.i.o").vectorize("k.i.i");
    by_hand.fuse({"n", "p"}, "rows").parallel("rows");

    const Target target = Target::best();
    bool fine = true;
    for (const auto& [name, schedule] :
         {std::pair{"default", default_schedule(pipeline, target)}, {"by hand", by_hand}}) {
        CompileOptions options;
        options.schedule = schedule;
        const Kernel conv = compile(pipeline, target, options);
        result.poison();
        const double seconds = seconds_of(conv, buffers);
        std::printf("%s: %.2f ms, %.1f GFLOP/s\n%s\n\n", name, seconds * 1e3, cost.operations / seconds * 1e-9,
                    print(conv.schedule()).c_str());

        // Corners, edges and the middle, each computed on its own in double precision.
        const std::vector<std::vector<std::int64_t>> points = {
            {0, 0, 0, 0}, {0, 55, 55, 63}, {3, 0, 28, 31}, {2, 27, 30, 17}};
        const std::vector<double> expected = evaluate_at(pipeline, {{"x", image}, {"w", filters}}, y, points);
        for (std::size_t i = 0; i < points.size(); ++i) fine &= std::abs(result.get(points[i]) - expected[i]) < 1e-4;
    }
    std::printf("%s\n", fine ? "both agree with evaluate_at()" : "they do not agree with evaluate_at()");
    return fine ? 0 : 1;
}
