// bench/stages.cpp -- heddle_bench_stages: pipelines of stencils, stage by stage, in overlapped tiles, and beside
// Halide.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "bench/command.h"
#include "bench/peer_halide.h"
#include "bench/results_file.h"
#include "bench/rounds.h"
#include "codegen/compile.h"
#include "dsl/parse.h"
#include "runtime/cpu_info.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "runtime/thread_pool.h"
#include "schedules/compare.h"
#include "tools/json_text.h"

namespace heddle::bench {
namespace {

using tools::Json;
using tools::JsonObject;

struct Options {
    int rows = 4096, columns = 4096, steps = 8, rounds = 9;
    double turn_seconds = 0.1;
    bool processor_time = false;
    std::vector<std::string> schedules, blur_schedules;  ///< of heat and blur, measured too
    std::filesystem::path json;
};

std::string blur_text(const Options& o) {
    return fmt::format(
        "image: f32[{0},{1}]\n"
        "along[i,j] = (replicate(image)[i,j-1] + image[i,j] + replicate(image)[i,j+1]) * 0.33333334\n"
        "blurred[i,j] = (replicate(along)[i-1,j] + along[i,j] + replicate(along)[i+1,j]) * 0.33333334\n",
        o.rows, o.columns);
}

/// Steps of the heat equation with insulated edges, u0 the start and u1, u2, ... after each.
std::string heat_text(const Options& o, int steps) {
    std::string text = fmt::format("u0: f32[{},{}]\n", o.rows, o.columns);
    for (int step = 1; step <= steps; ++step)
        text += fmt::format(
            "u{1}[i,j] = u{0}[i,j] + 0.1 * (replicate(u{0})[i-1,j] + replicate(u{0})[i+1,j] + replicate(u{0})[i,j-1] + "
            "replicate(u{0})[i,j+1] - 4.0 * u{0}[i,j])\n",
            step - 1, step);
    return text;
}

/// Every stage by itself, its rows shared among the threads.
std::string stage_by_stage(const std::vector<std::string>& stages) {
    std::string text;
    for (const std::string& stage : stages)
        text += fmt::format("{}.0: split(j, 16) parallel(i) vectorize(j.i) partition(i) partition(j.o); ", stage);
    return text;
}

/// Tiles of the last stage, each with the parts of the others that it needs.
std::string in_tiles(const std::vector<std::string>& stages, int rows, int columns, bool streaming = false) {
    const std::string last = stages.back() + ".0";
    std::string text = fmt::format(
        "{}: split(i, {}) split(j, {}) split(j.i, 16) reorder(i.o, j.o, i.i, j.i.o, j.i.i) parallel(i.o) "
        "vectorize(j.i.i) partition(i.o) partition(j.o); ",
        last, rows, columns);
    for (std::size_t i = stages.size() - 1; i-- > 0;)
        text += fmt::format("{}.0: compute_at({}, j.o); ", stages[i], last);
    for (std::size_t i = stages.size() - 1; i-- > 0;)
        text += fmt::format("{}.0: split(j, 16) vectorize(j.i) partition(j.o); ", stages[i]);
    if (streaming) text += last + ": streaming_stores()";
    return text;
}

Kernel kernel_of(const std::string& text, const std::string& schedule) {
    CompileOptions options;
    options.use_database = false;
    if (!schedule.empty()) options.schedule = parse_schedule(schedule);
    return compile(parse_pipeline(text), Target::host(), options);
}

class Race {
public:
    Race(std::string name, const Options& options) : name_(std::move(name)), options_(options) {
        fmt::print("\n{} of {} x {}\n", name_, options.rows, options.columns);
        image_ = Buffer(f32, {options.rows, options.columns});
        image_.fill_random(1);
    }

    const Buffer& image() const { return image_; }
    Buffer make_result() const { return Buffer(f32, image_.shape()); }

    /// `call` leaves its result in `result`.
    void add(const std::string& name, const Buffer& result, std::function<void()> call) {
        results_.push_back(result);
        contestants_.push_back({name, std::move(call)});
    }
    void add(const std::string& name, const Kernel& kernel) {
        const Buffer result = make_result();
        add(name, result, [kernel, buffers = std::vector<Buffer>{image_, result}] { kernel.run(buffers); });
    }
    /// The same, of a schedule that may be refused.
    void add(const std::string& name, const std::string& text, const std::string& schedule) {
        try {
            add(name, kernel_of(text, schedule));
        } catch (const UserError& error) {
            fmt::print("  {} is left out: {}\n", name, error.message());
        }
    }

    bool run(std::vector<Json>& rows) {
        run_rounds(contestants_, {options_.rounds, options_.turn_seconds, options_.processor_time, {}});
        bool right = true;
        for (std::size_t i = 0; i < contestants_.size(); ++i) {
            const Sample time = sample_of(contestants_[i].calls), faster = ratio(contestants_[0], contestants_[i]);
            const double error = compare(results_[i], results_[0]).relative_l2;
            const bool good = error <= 1e-5;
            right = right && good;
            fmt::print("  {:32} {:>10}  x {:5.2f} ±{:.2f}{}\n", contestants_[i].name, format_seconds(time.median),
                       faster.median, faster.spread / 2, good ? "" : fmt::format("  WRONG: {:.1e}", error));
            rows.push_back(JsonObject()
                               .add("race", name_)
                               .add("contestant", contestants_[i].name)
                               .add("seconds", time.median)
                               .add("faster_than_first", faster.median)
                               .add("error", error));
        }
        return right;
    }

private:
    std::string name_;
    const Options& options_;
    Buffer image_;
    std::vector<Contestant> contestants_;
    std::vector<Buffer> results_;
};

bool blur(const Options& options, int threads, std::vector<Json>& rows) {
    Race race("two-stage blur", options);
    const std::vector<std::string> stages = {"along", "blurred"};
    race.add("stage by stage", blur_text(options), stage_by_stage(stages));
    race.add("default schedule", blur_text(options), "");
    race.add("tiles of 32 x 512", blur_text(options), in_tiles(stages, 32, 512));
    race.add("the same, past the cache", blur_text(options), in_tiles(stages, 32, 512, true));
    race.add("tiles of 128 x 1024", blur_text(options), in_tiles(stages, 128, 1024));
    for (std::size_t i = 0; i < options.blur_schedules.size(); ++i)
        race.add(fmt::format("schedule {}", i + 1), blur_text(options), options.blur_schedules[i]);
    for (const std::string& name : halide_autoschedulers()) {
        auto peer = std::make_shared<HalideBlur>(name, options.rows, options.columns, threads);
        const Buffer result = race.make_result(), image = race.image();
        race.add("Halide, " + name, result,
                 [=] { peer->run(static_cast<float*>(image.data()), static_cast<float*>(result.data())); });
    }
    return race.run(rows);
}

bool heat(const Options& options, std::vector<Json>& rows) {
    Race race(fmt::format("{} steps of the heat equation", options.steps), options);
    const std::string text = heat_text(options, options.steps);
    std::vector<std::string> stages;
    for (int step = 1; step <= options.steps; ++step) stages.push_back(fmt::format("u{}", step));

    // A kernel of one step, called for each: from the image to one of two buffers, to the other, and back.
    const Kernel step = kernel_of(heat_text(options, 1), stage_by_stage({"u1"}));
    const Buffer odd = race.make_result(), even = race.make_result();
    const Buffer last = options.steps % 2 == 1 ? odd : even;
    race.add("separate sweeps", last, [=, image = race.image(), steps = options.steps] {
        for (int i = 0; i < steps; ++i)
            step.run(std::vector<Buffer>{i == 0 ? image : i % 2 == 1 ? odd : even, i % 2 == 0 ? odd : even});
    });
    race.add("stage by stage", text, stage_by_stage(stages));
    race.add("default schedule", text, "");
    race.add("tiles of 32 x 512", text, in_tiles(stages, 32, 512));
    race.add("tiles of 64 x 256", text, in_tiles(stages, 64, 256));
    for (std::size_t i = 0; i < options.schedules.size(); ++i)
        race.add(fmt::format("schedule {}", i + 1), text, options.schedules[i]);
    return race.run(rows);
}

int run(const Options& options) {
    const ResultsFile results(options.json);
    if (options.processor_time) set_thread_count(1);
    const int threads = options.processor_time ? 1 : Target::host().threads;
    setenv("HL_NUM_THREADS", std::to_string(threads).c_str(), 1);
    fmt::print("{} threads, {}{}; x: times as fast as the first\n", threads, cpu_info().model,
               options.processor_time ? "; time of the processor" : "");
    std::vector<Json> rows;
    const bool blurs = blur(options, threads, rows), heats = heat(options, rows);
    results.write(JsonObject().add("cpu", cpu_info().model).add("threads", threads).add("results", rows));
    return blurs && heats ? success : wrong_result;
}

}  // namespace
}  // namespace heddle::bench

int main(int count, char** values) {
    using namespace heddle::bench;
    CLI::App program("heddle_bench_stages: pipelines of stencils, stage by stage and in overlapped tiles");
    Options options;
    program.add_option("--rows", options.rows, "of the image")->check(CLI::Range(8, 1 << 15))->capture_default_str();
    program.add_option("--columns", options.columns, "of the image")
        ->check(CLI::Range(8, 1 << 15))
        ->capture_default_str();
    program.add_option("--steps", options.steps, "of the heat equation")
        ->check(CLI::Range(1, 32))
        ->capture_default_str();
    program.add_option("--schedule", options.schedules, "of the heat equation, measured too (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    program.add_option("--blur-schedule", options.blur_schedules, "of the blur, the same")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    add_round_options(program, options.rounds, options.turn_seconds);
    program.add_flag("--processor-time", options.processor_time,
                     "one thread, timed by the processor's clock: on a machine that is shared");
    program.add_option("--json", options.json, "write the results to this file");
    return run_command(program, count, values, [&] { return run(options); });
}
