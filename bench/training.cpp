// bench/training.cpp -- heddle_bench_training: steps of the LeNet example beside libtorch's on the same network.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "bench/command.h"
#include "bench/peer_polling.h"
#include "bench/results_file.h"
#include "bench/rounds.h"
#include "examples/networks/lenet.h"
#include "examples/networks/training.h"
#include "runtime/cpu_info.h"
#include "runtime/text.h"
#include "runtime/timer.h"
#include "tools/json_text.h"
#include "tools/libtorch_lenet.h"
#include "tools/libtorch_operators.h"

namespace heddle::bench {
namespace {

constexpr double rate = 0.01;

struct Options {
    int batch = 100, rounds = 9;
    double turn_seconds = 0.3;
    bool layers = false;
    std::string json;
};

/// The kernels of a step one by one, the shortest of several calls each.
void print_layers(const examples::Training& training) {
    for (const auto& [direction, calls] :
         {std::pair{"forward", &training.forward_calls()}, {"backward", &training.backward_calls()}})
        for (const examples::Training::Call& call : *calls) {
            double best = 1e9;
            for (int i = 0; i < 20; ++i) {
                const Timer timer;
                training.run(call);
                best = std::min(best, timer.seconds());
            }
            fmt::print("  {:8} {:9} {:>10} {:>8.1f} GFLOP/s\n", call.layer, direction, format_seconds(best),
                       cost_of(call.pipeline).operations / best * 1e-9);
        }
}

int run(const Options& options) {
    const ResultsFile results(options.json);
    const Target target = Target::host();
    tools::set_libtorch_threads(target.threads);
    examples::Network network;
    const examples::Value images = network.input("images", f32, {options.batch, 1, 28, 28});
    const examples::Value classes = network.input("classes", i32, {options.batch});
    const examples::Value loss = examples::cross_entropy(network, "loss", examples::lenet(network, images), classes);
    examples::Training training(network, loss, target);
    fmt::print("{} threads, {}; {}\nLeNet, batch {}; kernels in {:.1f} s\n", target.threads, cpu_info().model,
               tools::libtorch_version(), options.batch, training.compile_seconds());

    const Buffer x(f32, {options.batch, 1, 28, 28}), narrow(i32, {options.batch}), wide(i64, {options.batch});
    x.fill_random(1);
    for (int n = 0; n < options.batch; ++n) {
        narrow.set({n}, n * 7 % 10);
        wide.set({n}, n * 7 % 10);
    }
    training.place(images, x);
    training.place(classes, narrow);
    tools::LibtorchLenet peer(training.parameters(), x, wide, examples::OptimizerOptions().momentum);

    // The same steps from the same start: the losses stay together.
    double error = 0;
    for (int step = 0; step < 10; ++step) {
        const double ours = training.step(rate), theirs = peer.step(rate);
        error = std::max(error, std::abs(ours - theirs) / theirs);
    }
    std::vector<Contestant> contestants{{"Heddle", [&] { training.step(rate); }},
                                        {"libtorch", [&] { peer.step(rate); }}};
    run_rounds(contestants, {options.rounds, options.turn_seconds, {}});
    const Sample ours = sample_of(contestants[0].calls), theirs = sample_of(contestants[1].calls);
    const Sample speed = ratio(contestants[1], contestants[0]);
    fmt::print("Heddle {:.0f} images/s ({} a step), libtorch {:.0f} ({}): {:.2f} ±{:.2f} x libtorch\n",
               options.batch / ours.median, format_seconds(ours.median), options.batch / theirs.median,
               format_seconds(theirs.median), speed.median, speed.spread / 2);
    fmt::print("losses of ten steps differ by {:.1e} of their size\n", error);
    if (options.layers) print_layers(training);
    results.write(tools::JsonObject()
                      .add("threads", target.threads)
                      .add("cpu", cpu_info().model)
                      .add("peer", tools::libtorch_version())
                      .add("batch", options.batch)
                      .add("images_per_second", options.batch / ours.median)
                      .add("libtorch_images_per_second", options.batch / theirs.median)
                      .add("faster_than_libtorch", speed.median)
                      .add("spread", speed.spread)
                      .add("error", error));
    return error < 1e-3 ? success : wrong_result;
}

}  // namespace
}  // namespace heddle::bench

int main(int count, char** values) {
    using namespace heddle::bench;
    CLI::App program("heddle_bench_training: steps of the LeNet example beside libtorch's on the same network");
    Options options;
    program.add_option("--batch", options.batch, "images a step")->check(CLI::Range(1, 10000))->capture_default_str();
    add_round_options(program, options.rounds, options.turn_seconds);
    program.add_flag("--layers", options.layers, "the time of each of Heddle's kernels, too");
    program.add_option("--json", options.json, "write the results to this file");
    return run_command(program, count, values, [&] {
        limit_peer_polling(values);
        return run(options);
    });
}
