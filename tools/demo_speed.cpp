// tools/demo_speed.cpp -- interleaved timings of a convolution.
#include "tools/demo_speed.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "codegen/compile.h"
#include "runtime/cpu_info.h"
#include "runtime/text.h"
#include "runtime/thread_pool.h"
#include "runtime/timer.h"
#include "support/progress.h"
#include "tools/measure.h"
#include "tools/naive_conv.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

struct Runner {
    std::string name;
    std::function<void()> call;
    int calls_a_round, every;  ///< every so many rounds
    std::vector<double> seconds;
};

double time_of(const std::function<void()>& call) {
    const Timer timer;
    call();
    return timer.seconds();
}

}  // namespace

Contest hold_contest(const Problem& problem, int padding, const std::optional<Schedule>& tuned) {
    constexpr int rounds = 5;
    const NamedBuffers inputs = make_inputs(problem, 1), outputs = make_outputs(problem, inputs);
    const auto arguments = bind(inputs, outputs);
    std::vector<Runner> runners;
    ConvOptions options;
    options.padding = {padding, padding};
    const std::vector<int> channels_second{0, 3, 1, 2};
    const Buffer x = inputs.at("x").permuted(channels_second), w = inputs.at("w").permuted(channels_second);
    const Buffer y = outputs.at("y").permuted(channels_second);
    runners.push_back({"plain loops at -O3, one thread", [=] { naive_conv(x, w, y, options); }, 1, 2, {}});
    const auto add = [&](const std::string& name, const Schedule& schedule) {
        CompileOptions compile_options;
        compile_options.schedule = schedule;
        const Kernel kernel = compile(problem.pipeline, Target::host(), compile_options);
        kernel(arguments);
        runners.push_back({name, [=] { kernel(arguments); }, 12, 1, {}});
    };
    add("default schedule", default_schedule(problem.pipeline, Target::host()));
    if (tuned) add("tuned schedule", *tuned);

    const int threads = builtin_thread_pool().threads(builtin_thread_pool().self);
    std::vector<double> peaks;
    support::Progress progress("measure");
    for (int round = 0; round < rounds; ++round) {
        progress.show(static_cast<double>(round) / rounds, fmt::format("round {} of {}", round + 1, rounds));
        peaks.push_back(measure_fma_peak(threads, 0.1));
        for (Runner& runner : runners)
            for (int i = 0; round % runner.every == 0 && i < runner.calls_a_round; ++i)
                runner.seconds.push_back(time_of(runner.call));
    }
    Contest contest;
    contest.rounds = rounds;
    contest.operations = cost_of(problem.pipeline).operations;
    contest.peak = timing_of(peaks).median;
    for (const Runner& runner : runners) {
        const Timing timing = timing_of(runner.seconds);
        contest.contestants.push_back({runner.name, timing.median, timing.spread});
    }
    return contest;
}

std::string text_of(const Contest& contest) {
    std::string text = coloured(Colour::bold, fmt::format("  {:32} {:>10} {:>10} {:>9} {:>13} {:>8}\n", "", "a call",
                                                          "spread", "GFLOP/s", "share of peak", "speed-up"));
    const double slowest = contest.contestants.front().seconds;
    for (const Contestant& contestant : contest.contestants) {
        const double speed = contest.operations / contestant.seconds;
        text += fmt::format("  {:32} {:>10} {:>10} {:>9.1f} {:>12.1f}% {:>7.1f}x\n", contestant.name,
                            format_seconds(contestant.seconds), format_seconds(contestant.spread), speed * 1e-9,
                            100 * speed / contest.peak, slowest / contestant.seconds);
    }
    return text + fmt::format("  {:32} {:>10} {:>10} {:>9.1f} {:>12.1f}%\n", "measured FMA peak of the cores", "", "",
                              contest.peak * 1e-9, 100.0);
}

}  // namespace heddle::tools
