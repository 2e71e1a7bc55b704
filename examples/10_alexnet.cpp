// examples/10_alexnet.cpp -- AlexNet forward and backward at its real sizes: what each layer costs on this machine
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "examples/networks/alexnet.h"
#include "examples/networks/options.h"
#include "examples/networks/training.h"
#include "runtime/text.h"
#include "runtime/timer.h"

using namespace heddle;
using namespace heddle::examples;

/// Seconds of one call, with the device idle before and after; the shortest of `calls`.
double seconds_of(const Training& training, const Training::Call& call, int calls) {
    double best = 1e9;
    for (int i = 0; i < calls; ++i) {
        const Timer timer;
        training.run(call);
        training.wait();
        best = std::min(best, timer.seconds());
    }
    return best;
}

void print_row(const Training& training, const char* direction, const Training::Call& call, int calls) {
    const double seconds = seconds_of(training, call, calls), operations = cost_of(call.pipeline).operations;
    std::printf("  %-8s %-9s %10s %9.1f\n", call.layer.c_str(), direction, format_seconds(seconds).c_str(),
                operations / seconds * 1e-9);
}

int main(int count, char** words) try {
    const std::optional<ProgramOptions> options = parse_options(
        {.name = "alexnet", .summary = "AlexNet forward and backward, layer by layer", .batch = 16}, count, words);
    if (!options) return 0;
    const int batch = options->quick ? 1 : options->batch, calls = options->quick ? 1 : 5;
    const AlexNet net = alexnet(batch);
    Training training(net.network, net.loss, Target::parse(options->target));
    std::printf("AlexNet, batch %d, %s, kernels in %.1f s\n%s\n", batch, training.target().text().c_str(),
                training.compile_seconds(), net.network.text().c_str());
    const Buffer images(f32, {batch, 3, 224, 224}), classes(i32, {batch});
    images.fill_random(1);
    for (int n = 0; n < batch; ++n) classes.set({n}, 37 * n % 1000);
    training.place(net.images, images);
    training.place(net.classes, classes);

    // Two steps on one batch: the second one has a smaller loss, if the gradients are right.
    const double before = training.step(0.001);
    training.forward(net.loss);
    const double after = training.value(net.loss).get({});
    training.backward();
    std::printf("  %-8s %-9s %10s %9s\n", "layer", "", "time", "GFLOP/s");
    for (const Training::Call& call : training.forward_calls()) print_row(training, "forward", call, calls);
    for (const Training::Call& call : training.backward_calls()) print_row(training, "backward", call, calls);
    std::printf("loss %.4f, after a step %.4f\n", before, after);
    return std::isfinite(after) && after < before ? 0 : 1;
} catch (const UserError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
}
