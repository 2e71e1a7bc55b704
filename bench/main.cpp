// bench/main.cpp -- heddle_bench: measurements beside peers, and of Heddle's own delays.
#include "bench/command.h"
#include "bench/convolution.h"
#include "bench/dynamic.h"
#include "bench/gpu_command.h"
#include "bench/latency.h"
#include "bench/model.h"
#include "bench/peer_polling.h"
#include "bench/tuning.h"
#include "schedules/record.h"

namespace heddle::bench {
namespace {

/// The options that both subcommands have.
struct Common {
    std::string file;
    std::vector<std::string> names;
    std::filesystem::path json;

    void add_to(CLI::App& command) {
        command.add_option("--file", file, "table of layers, as JSON; bench/layers/host.json when absent");
        command.add_option("--layers", names, "names from the table, with commas between; all when absent")
            ->delimiter(',');
        command.add_option("--json", json, "write the results to this file");
    }
    std::vector<Layer> layers() const { return select_layers(read_layers(file), names); }
};

void add_convolution(CLI::App& program, int& status) {
    struct Given {
        Common common;
        ConvolutionOptions options;
        std::string layout = "nhwc", direction = "forward", type = "f32", database;
        bool no_naive = false;
    };
    auto given = std::make_shared<Given>();
    CLI::App& command = *program.add_subcommand("convolution", "plain loops, Heddle and oneDNN side by side");
    given->common.add_to(command);
    command.add_option("--layout", given->layout, "of the activations: nhwc or nchw")
        ->check(CLI::IsMember({"nhwc", "nchw"}))
        ->capture_default_str();
    command.add_option("--direction", given->direction, "forward, or a gradient: dx by the input, dw by the filters")
        ->check(CLI::IsMember({"forward", "dx", "dw"}))
        ->capture_default_str();
    command.add_option("--type", given->type, "of the tensors: f32 or bf16")
        ->check(CLI::IsMember({"f32", "bf16"}))
        ->capture_default_str();
    command.add_flag("--processor-time", given->options.processor_time,
                     "one thread, timed by the processor's clock: on a machine that is shared");
    command.add_option("--tune", given->options.tune_seconds, "search for each layer first, for this long: 20s")
        ->transform(seconds_with_unit());
    command.add_option("--database", given->database, "of tuned schedules; heddle's own when absent");
    command.add_option("--schedule", given->options.schedules, "measure this schedule too (may be repeated)")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    add_round_options(command, given->options.rounds, given->options.turn_seconds);
    command.add_flag("--no-naive", given->no_naive, "leave out the plain loops, which take seconds");
    command.callback([given, &status] {
        ConvolutionOptions options = given->options;
        options.layers = given->common.layers();
        options.layout = given->layout == "nhwc" ? ActivationLayout::nhwc : ActivationLayout::nchw;
        if (given->direction != "forward")
            options.pass = given->direction == "dx" ? ConvolutionPass::backward_data : ConvolutionPass::backward_filter;
        options.type = given->type == "bf16" ? bf16 : f32;
        options.naive = !given->no_naive;
        options.database = given->database.empty() ? Database::standard_path() : std::filesystem::path(given->database);
        options.json = given->common.json;
        status = run_convolutions(options) ? success : wrong_result;
    });
}

void add_latency(CLI::App& program) {
    struct Given {
        Common common;
        LatencyOptions options;
        double started = 0;
        void add_target(CLI::App& command) {
            command.add_option("--target", options.target, "host, cuda (this machine's device) or cuda:sm_90")
                ->capture_default_str();
        }
    };
    auto given = std::make_shared<Given>();
    CLI::App& command = *program.add_subcommand("latency", "from a definition to its first result, and a call");
    given->common.add_to(command);
    given->add_target(command);
    command.add_option("--repeats", given->options.repeats, "processes of each kind")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_option("--batch", given->options.batch, "N of all layers; 0: as in the table")
        ->check(CLI::Range(0, 1 << 20))
        ->capture_default_str();
    command.callback([given] {
        given->options.layers = given->common.layers();
        given->options.json = given->common.json;
        run_latency(given->options);
    });

    CLI::App& process = *program.add_subcommand("first-result", "what latency starts: one layer, its times as JSON");
    process.group("");
    given->common.add_to(process);
    given->add_target(process);
    process.add_option("--started", given->started, "steady clock when the process was asked for, in seconds");
    process.callback(
        [given] { print_first_result(given->common.layers().at(0), given->options.target, given->started); });
}

void add_model(CLI::App& program, int& status) {
    auto options = std::make_shared<ModelOptions>();
    CLI::App& command = *program.add_subcommand("model", "how well the cost model orders candidates of layers");
    command.add_option("--target", options->target, "host,threads=1 or cuda (this machine's device)")
        ->capture_default_str();
    command.add_option("--layers", options->layers, "names, with commas between; all when absent")->delimiter(',');
    command.add_option("--samples", options->samples, "candidates of a layer")
        ->check(CLI::Range(3, 100000))
        ->capture_default_str();
    command.add_option("--seed", options->seed, "of the candidates and of the data")->capture_default_str();
    command.add_option("--limit", options->limit, "no further layer after so long: 60s")
        ->transform(seconds_with_unit());
    command.add_option("--json", options->json, "write what was measured to this file");
    command.add_option("--replay", options->replay, "ask the model again about what such a file holds; nothing runs");
    command.add_option("--records", options->records, "write what was measured as records, for heddle db import");
    command.add_option("--terms", options->terms, "write what the model works out of each candidate, as a table (CSV)");
    command.add_flag("--learned", options->learned,
                     "train a model on all layers but one, and ask it about that one, for each");
    command.callback([options, &status] { status = run_model(*options) ? success : wrong_result; });
}

void add_tuning(CLI::App& program) {
    struct Given {
        std::string file;
        std::vector<std::string> names;
        bool transfer = false;
        TuningCurveOptions options;
    };
    auto given = std::make_shared<Given>();
    CLI::App& command = *program.add_subcommand("tuning", "how soon a search finds what a long one finds");
    const CLI::AsNumberWithUnit seconds(std::map<std::string, double>{{"s", 1}, {"ms", 1e-3}, {"m", 60}});
    command.add_option("--file", given->file, "a suite, as heddle tune takes; bench/layers/tuning.json when absent");
    command.add_option("--layers", given->names, "names from it, with commas between; all when absent")->delimiter(',');
    command.add_option("--json", given->options.json, "write the results to this file");
    command.add_option("--marks", given->options.marks, "times to look at the best so far: 1,2,5,10,20")
        ->delimiter(',')
        ->check(CLI::PositiveNumber);
    command.add_option("--long", given->options.long_seconds, "the search for the best known: 120s")
        ->transform(seconds);
    command.add_option("--search", given->options.search, "evolution or random")->capture_default_str();
    command.add_option("--target", given->options.target, "host or cuda")->capture_default_str();
    command.add_flag("--transfer", given->transfer,
                     "what the record of the nearest other layer saves; searches take the last of the marks");
    command.callback([given] {
        given->options.layers = search_layers(given->file, given->names);
        given->transfer ? run_tuning_transfer(given->options) : run_tuning_curves(given->options);
    });
}

void add_dynamic(CLI::App& program, int& status) {
    auto options = std::make_shared<DynamicOptions>();
    CLI::App& command = *program.add_subcommand("dynamic", "what sizes cost that are known at the call only");
    command.add_option("--names", options->names, "beginnings of cases, with commas between; all when absent")
        ->delimiter(',');
    add_round_options(command, options->rounds, options->turn_seconds);
    command.add_flag("--gradients", options->gradients, "measure the gradients by all inputs");
    command.add_flag("--processor-time", options->processor_time,
                     "one thread, timed by the processor's clock: on a machine that is shared");
    command.add_option("--json", options->json, "write the results to this file");
    command.callback([options, &status] { status = run_dynamic(*options) ? success : wrong_result; });
}

}  // namespace
}  // namespace heddle::bench

int main(int count, char** values) {
    using namespace heddle::bench;
    CLI::App program("heddle_bench: measurements beside peers, and of Heddle's own delays");
    program.require_subcommand(1);
    int status = success;
    add_convolution(program, status);
    add_latency(program);
    add_gpu(program, status);
    add_roofline(program);
    add_model(program, status);
    add_tuning(program);
    add_dynamic(program, status);
    program.preparse_callback([&](std::size_t) {
        if (count > 1 && std::string_view(values[1]) == "convolution") limit_peer_polling(values);
    });
    return run_command(program, count, values, [&] { return status; });
}
