// tests/fuzz/examine.cpp -- drawing a case and looking for what is wrong with it.
#include "tests/fuzz/examine.h"

#include <fmt/format.h>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "schedules/loop_nest.h"
#include "tests/fuzz/linear.h"
#include "tests/fuzz/random_draft.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/gradient_difference.h"
#include "tests/support/on_device.h"
#include "tests/support/random_schedule.h"

namespace heddle::fuzz {
namespace {

Pipeline subject_pipeline(const Draft& draft) { return parse_pipeline(text_of(draft)); }

Finding finding_of(const std::string& text) { return {text.empty() ? Verdict::right : Verdict::wrong, text}; }

}  // namespace

std::optional<Case> draw(std::uint64_t seed, Check check, std::string& why) {
    std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (int i = 0; i < 4; ++i) test::random_below(state, 2);
    Case drawn{random_draft(state, check == Check::gradient), check, "host", {}};
    if (check == Check::cuda)
        drawn.target = test::random_below(state, 3) ? "cuda:sm_90" : "cuda:sm_80";
    else if (check == Check::device)
        drawn.target = "cuda:sm_90";  // whatever the device is, so that the process that draws does not open it
    else if (test::random_below(state, 4) == 0)
        drawn.target = "host:avx2";
    try {
        const Pipeline pipeline = subject_pipeline(drawn.draft);
        const Target target = Target::parse(drawn.target);
        const auto kind = test::random_below(state, 4);
        if (check != Check::gradient && kind == 1)
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
        const Target target = Target::parse(subject.target);
        if (subject.check == Check::gradient)
            return finding_of(test::gradient_difference(pipeline, linear_inputs(subject.draft), target));
        std::optional<Schedule> schedule;
        if (!subject.schedule.empty()) {
            schedule = subject.schedule;
            LoopNest nest;
            if (const auto refusal = apply(*schedule, pipeline, target, nest))
                return {Verdict::refused, refusal->reason};
        }
        const test::Compiled compiled(pipeline);
        if (subject.check == Check::device) return finding_of(test::difference_on_device(compiled, schedule, 0));
        return finding_of(subject.check == Check::host ? compiled.difference(schedule, target)
                                                       : test::emulated_difference(compiled, schedule, target));
    } catch (const UserError& error) {  // before anything was compiled; gradient() refuses in its own words alone
        const bool own = subject.check != Check::gradient || error.message().starts_with("the gradient of ");
        return {own ? Verdict::refused : Verdict::wrong, error.what()};
    } catch (const std::exception& error) {
        return {Verdict::wrong, error.what()};
    }
}

std::string as_test(const Case& subject, const std::string& name) {
    std::string text = fmt::format("TEST(Fuzzed, {}) {{\n    const Pipeline pipeline = parse_pipeline(R\"(\n{})\");\n",
                                   name, text_of(subject.draft));
    if (subject.check == Check::gradient) {
        std::vector<std::string> quoted;
        for (const std::string& input : linear_inputs(subject.draft)) quoted.push_back("\"" + input + "\"");
        text += fmt::format("    EXPECT_EQ(gradient_difference(pipeline, {{{}}}, Target::parse(\"{}\")), \"\");\n}}\n",
                            fmt::join(quoted, ", "), subject.target);
        return text;
    }
    const std::string schedule =
        subject.schedule.empty() ? "{}" : fmt::format("parse_schedule(\"{}\")", print(subject.schedule));
    if (subject.check == Check::device)
        return text +
               fmt::format("    EXPECT_EQ(difference_on_device(Compiled(pipeline), {}, 0), \"\");\n}}\n", schedule);
    const std::string call =
        subject.check == Check::host ? "Compiled(pipeline).difference(" : "emulated_difference(Compiled(pipeline), ";
    text += fmt::format("    EXPECT_EQ({}{}, Target::parse(\"{}\")), \"\");\n}}\n", call, schedule, subject.target);
    return text;
}

}  // namespace heddle::fuzz
