// tests/fuzz/examine.cpp -- drawing a case and looking for what is wrong with it.
#include "tests/fuzz/examine.h"

#include <fmt/format.h>

#include <cmath>

#include "dsl/gather_pipeline.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "schedules/loop_nest.h"
#include "tests/fuzz/linear.h"
#include "tests/fuzz/random_draft.h"
#include "tests/support/buffers.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/random_schedule.h"

namespace heddle::fuzz {
namespace {

/// The gradients of the output by all inputs of floats that it depends on, with "dy" among the inputs.
Pipeline gradients_of(const Pipeline& forward) {
    std::vector<AnyTensor> wrt;
    for (const AnyTensor& input : forward.inputs)
        if (!is_integer(input.type())) wrt.push_back(input);
    return Pipeline::of(gradient(forward.outputs[0], wrt));
}

double dot(const Buffer& a, const Buffer& b) {
    double sum = 0;
    for_each_index(a.shape(), [&](const auto& index) { sum += a.get(index) * b.get(index); });
    return sum;
}

/// Where y is linear in an input x: <dy, y(x + v) - y(x)> is <dx, v>, to the last bit.
std::string gradient_difference(const Draft& draft, const Pipeline& forward, const Pipeline& backward) {
    const NamedBuffers inputs = test::random_inputs(backward, 1, true);
    NamedBuffers before = test::random_inputs(forward, 1, true);
    for (auto& [name, buffer] : before) {
        const auto found = inputs.find(name);
        if (found != inputs.end()) buffer = found->second;
    }
    const std::string output = forward.outputs[0].name();
    if (!inputs.contains("d" + output)) return {};  // the output does not depend on any
    const Buffer y = evaluate(forward, before).at(output), dy = inputs.at("d" + output);
    const NamedBuffers gradients = evaluate(backward, inputs);
    for (const AnyTensor& x : forward.inputs) {
        if (!gradients.contains("d" + x.name()) || !is_linear_in(draft, x.name())) continue;
        const Buffer v(x.type(), before.at(x.name()).shape()), moved(x.type(), v.shape());
        v.fill_random(77, true);
        for_each_index(v.shape(),
                       [&](const auto& index) { moved.set(index, before.at(x.name()).get(index) + v.get(index)); });
        NamedBuffers after = before;
        after[x.name()] = moved;
        const double expected = dot(dy, evaluate(forward, after).at(output)) - dot(dy, y);
        const double found = dot(gradients.at("d" + x.name()), v);
        if (std::isfinite(expected) && found != expected)
            return fmt::format("d{} gives {}, where {} changes by {}\nof\n{}{}", x.name(), found, output, expected,
                               print(forward), print(backward));
    }
    return {};
}

Pipeline subject_pipeline(const Draft& draft) { return parse_pipeline(text_of(draft)); }

Finding examine_gradient(const Case& subject) {
    const Pipeline whole = subject_pipeline(subject.draft);
    const Pipeline forward = Pipeline::of({whole.stages.back().targets[0]});
    std::optional<Pipeline> backward;
    try {
        backward = gradients_of(forward);
    } catch (const UserError& error) {
        return {Verdict::refused, error.what()};
    }
    std::string text = gradient_difference(subject.draft, forward, *backward);
    if (text.empty())
        text = test::Compiled(gather_pipeline(*backward))
                   .difference(std::optional<Schedule>(), Target::parse(subject.target));
    return {text.empty() ? Verdict::right : Verdict::wrong, text};
}

}  // namespace

std::optional<Case> draw(std::uint64_t seed, Check check, std::string& why) {
    std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (int i = 0; i < 4; ++i) test::random_below(state, 2);
    Case drawn{random_draft(state, check == Check::gradient), check, "host", {}};
    if (check == Check::cuda)
        drawn.target = test::random_below(state, 3) ? "cuda:sm_90" : "cuda:sm_80";
    else if (test::random_below(state, 4) == 0)
        drawn.target = "host:avx2";
    try {
        const Pipeline pipeline = subject_pipeline(drawn.draft);
        const Target target = Target::parse(drawn.target);
        const auto kind = test::random_below(state, 4);
        if (check != Check::gradient && kind == 1 && target.kind == TargetKind::host)
            drawn.schedule = test::sampled_schedule(pipeline, target, state);
        else if (check != Check::gradient && kind > 0)
            drawn.schedule = test::random_schedule(pipeline, target, state);
    } catch (const UserError& error) {
        why = error.what();
        return {};
    }
    return drawn;
}

Finding examine(const Case& subject) {
    try {
        const Pipeline pipeline = subject_pipeline(subject.draft);
        if (subject.check == Check::gradient) return examine_gradient(subject);
        const Target target = Target::parse(subject.target);
        std::optional<Schedule> schedule;
        if (!subject.schedule.empty()) {
            schedule = subject.schedule;
            LoopNest nest;
            if (const auto refusal = apply(*schedule, pipeline, target, nest))
                return {Verdict::refused, refusal->reason};
        }
        const test::Compiled compiled(pipeline);
        const std::string text = subject.check == Check::host ? compiled.difference(schedule, target)
                                                              : test::emulated_difference(compiled, schedule, target);
        return {text.empty() ? Verdict::right : Verdict::wrong, text};
    } catch (const UserError& error) {  // before anything was compiled
        return {Verdict::refused, error.what()};
    } catch (const std::exception& error) {
        return {Verdict::wrong, error.what()};
    }
}

std::string as_test(const Case& subject, const std::string& name) {
    std::string text = fmt::format("TEST(Fuzzed, {}) {{\n    const Pipeline pipeline = parse_pipeline(R\"(\n{})\");\n",
                                   name, text_of(subject.draft));
    if (subject.check == Check::gradient)
        return text + "    // its gradients by all inputs: examine() of Check::gradient\n}\n";
    const std::string schedule =
        subject.schedule.empty() ? "{}" : fmt::format("parse_schedule(\"{}\")", print(subject.schedule));
    const std::string call =
        subject.check == Check::host ? "Compiled(pipeline).difference(" : "emulated_difference(Compiled(pipeline), ";
    text += fmt::format("    EXPECT_EQ({}{}, Target::parse(\"{}\")), \"\");\n}}\n", call, schedule, subject.target);
    return text;
}

}  // namespace heddle::fuzz
