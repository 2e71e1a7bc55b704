// tools/check.cpp -- heddle check: compiled code against the oracle.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "codegen/compile.h"
#include "runtime/text.h"
#include "support/progress.h"
#include "tools/bound_kernel.h"
#include "tools/json_text.h"
#include "tools/measure.h"
#include "tools/problem.h"
#include "tools/subcommands.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

/// Up to this many points of all domains every element is compared.
constexpr double complete_up_to = 2e7;
constexpr int random_points = 2000;

struct Verdict {
    std::string output, data;
    bool complete = false, passed = false;
    double tolerance = 0;  ///< 0: equal to the last bit
    Comparison found;
};

// The oracle's elements, a slice at a time so that progress shows.
std::vector<double> expected_at(const Pipeline& pipeline, const NamedBuffers& inputs, const AnyTensor& output,
                                const std::vector<Point>& points, EvaluatePrecision precision,
                                support::Progress& progress) {
    std::vector<double> values;
    constexpr std::size_t slice = 100;
    for (std::size_t begin = 0; begin < points.size(); begin += slice) {
        const auto last = points.begin() + static_cast<std::ptrdiff_t>(std::min(points.size(), begin + slice));
        const std::vector<Point> part(points.begin() + static_cast<std::ptrdiff_t>(begin), last);
        const std::vector<double> some = evaluate_at(pipeline, inputs, output, part, precision);
        values.insert(values.end(), some.begin(), some.end());
        progress.show(static_cast<double>(values.size()) / static_cast<double>(points.size()),
                      fmt::format("{} of {} elements by the oracle", values.size(), points.size()));
    }
    return values;
}

// What files hold may have fractions, or be so large that sums round.
bool given_are_small_integers(const Problem& problem) {
    bool small = true;
    for (const auto& entry : problem.given)
        for_each_index(entry.second.shape(), [&](const Point& index) {
            const double value = entry.second.get(index);
            small &= std::abs(value) <= 4 && value == std::floor(value);
        });
    return small;
}

std::vector<Verdict> check_on(const Problem& problem, const Kernel& kernel, std::uint64_t seed, bool integers) {
    const Pipeline& pipeline = problem.written;
    const NamedBuffers inputs = make_inputs(problem, seed, integers), outputs = make_outputs(problem, inputs);
    for (const auto& [name, buffer] : outputs) buffer.poison();
    const BoundKernel bound(kernel, inputs, outputs);
    bound();
    bound.fetch();

    const bool exact = integers && is_exact_on_integers(pipeline) && given_are_small_integers(problem);
    const EvaluatePrecision precision = exact ? EvaluatePrecision::declared : EvaluatePrecision::f64;
    const bool complete = pipeline.parameters.empty() && cost_of(pipeline).points <= complete_up_to;
    const NamedBuffers everything = complete ? evaluate(pipeline, inputs, precision) : NamedBuffers{};
    support::Progress progress("check");
    std::vector<Verdict> verdicts;
    for (const AnyTensor& output : pipeline.outputs) {
        const std::string& name = output.name();
        Verdict verdict{name, integers ? "whole numbers" : "random floats", complete, false, 0, {}};
        if (!problem.given.empty())
            verdict.data = integers ? "the files given and whole numbers" : "the files given and random floats";
        if (problem.given.size() == pipeline.inputs.size()) verdict.data = "the files given";
        if (!exact)
            verdict.tolerance = tolerance_of(kernel.pipeline(), kernel.schedule(), kernel.target(), output.type());
        if (complete) {
            verdict.found = compare(outputs.at(name), everything.at(name));
        } else {
            const std::vector<Point> points =
                oracle_points(outputs.at(name).shape(), kernel.schedule(), random_points, seed);
            verdict.complete = static_cast<std::int64_t>(points.size()) == outputs.at(name).elements();
            verdict.found =
                compare(outputs.at(name), points, expected_at(pipeline, inputs, output, points, precision, progress));
        }
        verdict.passed =
            verdict.tolerance == 0 ? verdict.found.different == 0 : verdict.found.relative_l2 <= verdict.tolerance;
        verdicts.push_back(verdict);
    }
    return verdicts;
}

std::string text_of(const Point& point) {
    std::string text;
    for (const std::int64_t index : point) text += (text.empty() ? "" : ",") + std::to_string(index);
    return "[" + text + "]";
}

void print_verdict(const Verdict& v) {
    fmt::print("  {} {} on {}: {} {} elements",
               v.passed ? coloured(Colour::green, "right") : coloured(Colour::red, "WRONG"), v.output, v.data,
               v.complete ? "all" : "corners, tile edges and random points,", v.found.elements);
    if (v.tolerance == 0)
        fmt::print(", {}\n", v.passed ? "equal to the last bit" : fmt::format("{} of them differ", v.found.different));
    else
        fmt::print(", relative L2 error {:.1e} (at most {:.0e})\n", v.found.relative_l2, v.tolerance);
    if (!v.passed && v.found.worst)
        fmt::print("        worst at {}{}: {:.9g}, the definition gives {:.9g}\n", v.output, text_of(*v.found.worst),
                   v.found.found, v.found.expected);
}

Json json_of(const Verdict& v) {
    JsonObject object;
    object.add("output", v.output)
        .add("data", v.data)
        .add("complete", v.complete)
        .add("elements", v.found.elements)
        .add("passed", v.passed)
        .add("relative_l2", v.found.relative_l2)
        .add("different", v.found.different)
        .add("tolerance", v.tolerance);
    if (v.found.worst) object.add("worst", std::vector<Json>(v.found.worst->begin(), v.found.worst->end()));
    return object;
}

int run(const CommandLine& line) {
    const Problem problem = make_problem(line);
    const auto seed = static_cast<std::uint64_t>(line.integer("--seed", 1, 0));
    CompileOptions options;
    options.schedule = schedule_of(line);
    options.verify = true;
    options.use_cache = false;
    const Kernel kernel = compile(problem.pipeline, target_of(line), options);
    std::vector<Verdict> verdicts = check_on(problem, kernel, seed, true);
    const bool all_given = problem.given.size() == problem.pipeline.inputs.size();
    bool any_float = false;
    for (const AnyTensor& input : problem.pipeline.inputs) any_float |= is_float(input.type());
    if (!all_given && any_float)
        for (const Verdict& verdict : check_on(problem, kernel, seed + 100, false)) verdicts.push_back(verdict);
    const bool passed = std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.passed; });
    if (line.has("--json")) {
        std::vector<Json> results;
        for (const Verdict& verdict : verdicts) results.push_back(json_of(verdict));
        fmt::print("{}\n", JsonObject()
                               .add("operator", problem.title)
                               .add("target", kernel.target().text())
                               .add("schedule", print(kernel.schedule()))
                               .add("passed", passed)
                               .add("results", results)
                               .text());
        return passed ? 0 : 1;
    }
    fmt::print("{} on {}, schedule from {}\n", coloured(Colour::bold, problem.title), kernel.target().text(),
               kernel.report().schedule_source);
    for (const Verdict& verdict : verdicts) print_verdict(verdict);
    if (!passed) fmt::print("  schedule: {}\n", print(kernel.schedule()));
    return passed ? 0 : 1;
}

}  // namespace

Subcommand check_subcommand() {
    std::vector<OptionRow> options = problem_options();
    options.insert(options.end(),
                   {{"--seed", "N", "of the data (1)"}, {"--json", "", "one JSON object, for other programs"}});
    return {"check",
            "compares compiled code with the definition's meaning; status 1 when it is wrong",
            "check OPERATOR tensor=... parameter=... | check -e TEXT tensor=...",
            options,
            {"heddle check conv2d x=f32:2x8x14x14 w=f32:16x8x3x3 stride=2 padding=1",
             "heddle check -e \"y[n,p] max= skip(x)[n,2*p+r-1] | | r<3\" x=f32:4x31 --target host:avx2", "",
             "small shapes are compared completely, large ones at corners, tile edges and 2000 random elements:",
             "on whole numbers to the last bit, on random floats by relative L2 error: f64 1e-12, f32 1e-5, tf32 1e-3,",
             "f16 and bf16 1e-2, after the loosest of the tensors' types and the schedule's products"},
            run};
}

}  // namespace heddle::tools
