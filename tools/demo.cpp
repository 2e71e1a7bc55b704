// tools/demo.cpp -- heddle demo: from a definition to tuned machine code, on real images, step by step.
#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <sstream>

#include "codegen/make_plan.h"
#include "codegen/provenance.h"
#include "dsl/print.h"
#include "runtime/text.h"
#include "runtime/timer.h"
#include "schedules/lookup.h"
#include "tools/cost_report.h"
#include "tools/demo_cuda.h"
#include "tools/demo_pictures.h"
#include "tools/demo_speed.h"
#include "tools/hot_loop.h"
#include "tools/interrupt.h"
#include "tools/subcommands.h"
#include "tools/terminal.h"
#include "tools/tuning.h"

namespace heddle::tools {
namespace {

constexpr int padding = 1;
const std::vector<std::string> convolution{"conv2d", "x=f32:nhwc:8x56x56x64", "w=f32:krsc:64x3x3x64", "padding=1"};

// A numbered heading, what the step prints, and its time.
void step(int number, const std::string& title, const std::function<void()>& body) {
    fmt::print("{}\n", coloured(Colour::bold, fmt::format("{}  {}", number, title)));
    std::fflush(stdout);
    const Timer timer;
    body();
    fmt::print("{}\n\n", coloured(Colour::grey, fmt::format("   {}", format_seconds(timer.seconds()))));
    std::fflush(stdout);
}

// Every line moved to the right; at most `most` lines.
std::string indented(const std::string& text, std::size_t indent, int most = 1000) {
    std::istringstream lines(text);
    std::string result;
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        if (count < most) result += line.empty() ? "\n" : std::string(indent, ' ') + line + "\n";
    }
    if (count > most) result += fmt::format("{}... {} more lines\n", std::string(indent, ' '), count - most);
    return result;
}

void show_definition(const Problem& problem) {
    for (const PipelineStage& stage : problem.pipeline.stages) {
        fmt::print("   as text         {}\n", print(*stage.definition));
        std::string mathematics = print_mathematics(*stage.definition);
        for (std::size_t gap; (gap = mathematics.find("   ")) != std::string::npos;)  // each remark on a line
            mathematics.replace(gap, mathematics.find_first_not_of(' ', gap) - gap, "\n" + std::string(19, '\t'));
        for (char& c : mathematics)
            if (c == '\t') c = ' ';
        fmt::print("   as mathematics  {}\n", mathematics);
    }
    fmt::print("\n{}", text_of(cost_report(problem.pipeline), 3));
}

bool show_pictures(const std::filesystem::path& file) {
    const Pictures pictures = make_pictures(file);
    bool right = true;
    for (const PictureResult& result : pictures.results) {
        for (const std::string& definition : result.definitions) fmt::print("     {}\n", definition);
        fmt::print("   {}: compiled in {}, {} for {} images\n", result.name, format_seconds(result.compile_seconds),
                   format_seconds(result.run_seconds), pictures.images);
        fmt::print("   {} against evaluate() ({}): all {} elements, relative L2 error {:.1e} (at most {:.0e})\n\n",
                   result.right() ? coloured(Colour::green, "right") : coloured(Colour::red, "WRONG"),
                   format_seconds(result.evaluate_seconds), result.found.elements, result.found.relative_l2,
                   result.tolerance);
        right &= result.right();
    }
    fmt::print("   contact sheet: {}\n",
               coloured(Colour::green, std::filesystem::absolute(pictures.file).lexically_normal().string()));
    return right;
}

void show_code(const Problem& problem) {
    const Target target = Target::host();
    const Schedule schedule = default_schedule(problem.pipeline, target);
    const LoweredPlan plan = make_plan(problem.pipeline, schedule, target);
    fmt::print("   default schedule for {}\n{}\n", target.text(), wrapped(print(schedule), 5, 98));
    fmt::print("   loop nest\n{}\n", indented(print(plan.nest), 5));
    const HotLoop loop = hot_loop(emit_host_text(host_inputs(plan), target, HostText::assembly));
    if (loop.instructions == 0) return;
    fmt::print("   hot loop: {} instructions, {} of them multiply-adds on vectors, {} loads\n", loop.instructions,
               loop.multiply_adds, loop.loads);
    std::string text;
    for (const char c : loop.text) text += c == '\t' ? "  " : std::string(1, c);
    fmt::print("{}", indented(text, 5, 16));
}

// The best recorded schedule, when there is one.
std::optional<Schedule> recorded(const Problem& problem, const Database& database) {
    const auto record = database.best(TuningKey::of(problem.pipeline, Target::host()), provenance(Target::host()));
    if (!record) return {};
    return schedule_of(*record, problem.pipeline);
}

int run(const CommandLine& line) {
    if (!line.words().empty())
        throw UserError(fmt::format("heddle demo takes no words, '{}' was given", line.words()[0]));
    const bool quick = line.has("--quick");
    const std::filesystem::path file = line.text("--output").value_or("heddle_demo.png");
    const double tuning_seconds = line.seconds("--time", 20);
    const Timer total;
    const Problem problem = make_problem(CommandLine(run_subcommand(), convolution));

    bool right = true, interrupted = false;
    int number = 0;
    step(++number, "A convolution is one definition", [&] { show_definition(problem); });
    step(++number, "Filters and a small network over Fashion-MNIST", [&] { right = show_pictures(file); });
    step(++number, "The schedule says how, and becomes vector code", [&] { show_code(problem); });
    step(++number, "Another schedule, and it is a CUDA kernel", [&] { right &= show_cuda(problem); });

    Database database(Database::standard_path());
    if (!quick)
        step(++number, fmt::format("Tuning for {}", format_seconds(tuning_seconds)), [&] {
            TuningRequest request;
            request.options.seconds = tuning_seconds;
            const TuningOutcome outcome = tune_with_progress(problem, Target::host(), request, database);
            print_outcome(problem, outcome);
            if (outcome.result.best) fmt::print("{}", wrapped(outcome.result.best->schedule, 5, 98));
            interrupted = outcome.result.interrupted;
        });
    if (interrupted) return interrupted_status;
    step(++number, "Speed, measured in turns", [&] {
        const std::optional<Schedule> tuned = recorded(problem, database);
        fmt::print("{}", text_of(hold_contest(problem, padding, tuned)));
        if (!tuned) fmt::print("  no tuned schedule is recorded yet: 'heddle demo' without --quick searches one\n");
    });
    fmt::print("{}", coloured(Colour::bold, fmt::format("done in {}", format_seconds(total.seconds()))));
    fmt::print("; next: heddle --help\n");
    return right ? 0 : 1;
}

}  // namespace

Subcommand demo_subcommand() {
    return {"demo",
            "definition, images, code, tuning and a table of speeds, in under a minute",
            "demo [--quick] [--output FILE]",
            {{"--quick", "", "without tuning"},
             {"--output", "FILE", "the contact sheet (heddle_demo.png)"},
             {"--time", "TIME", "to tune (20s)"}},
            {"heddle demo", "heddle demo --quick --output /tmp/sheet.png"},
            run};
}

}  // namespace heddle::tools
