// tools/space_report.cpp -- knobs, choices and size of a tuning space, and the ends of what the cost model expects.
#include "tools/space_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/text.h"
#include "schedules/cost_model.h"
#include "schedules/tuning_space.h"

namespace heddle::tools {
namespace {

constexpr int draws_for_share = 2000, draws_for_best = 200;
constexpr std::size_t width = 100;

std::string choices_of(const Knob& knob, int preferred, std::size_t indent) {
    std::string text;
    std::size_t column = indent;
    for (std::size_t i = 0; i < knob.choices.size(); ++i) {
        const std::string choice =
            static_cast<int>(i) == preferred ? fmt::format("[{}]", knob.choices[i]) : knob.choices[i];
        const std::string separator = i == 0 ? "" : knob.choices[i].find(' ') == std::string::npos ? " " : " | ";
        if (column + separator.size() + choice.size() > width) {
            text += "\n" + std::string(indent, ' ');
            column = indent;
        } else {
            text += separator;
            column += separator.size();
        }
        text += choice;
        column += choice.size();
    }
    return text;
}

// Of all combinations, by chance.
double legal_share(const TuningSpace& space) {
    std::uint64_t state = 1;
    int legal = 0;
    for (int draw = 0; draw < draws_for_share; ++draw) legal += space.legal(space.combination(state)) ? 1 : 0;
    return static_cast<double>(legal) / draws_for_share;
}

std::string size_of(const TuningSpace& space) {
    if (space.knobs.empty()) return "nothing to choose\n";
    const std::string all = fmt::format("{} combinations", format_count(space.size()));
    if (space.legal_count > 0) return fmt::format("{}, {} of them legal\n", all, format_count(space.legal_count));
    return fmt::format("{}, about {:.2g}% of them legal\n", all, 100 * legal_share(space));
}

}  // namespace

std::string space_report(const Pipeline& pipeline, const Target& target) {
    const TuningSpace space = tuning_space(pipeline, target);
    std::string text =
        fmt::format("{} on {}: {} knobs, {}", space.family, target.text(), space.knobs.size(), size_of(space));
    std::size_t longest = 0;
    for (const Knob& knob : space.knobs) longest = std::max(longest, knob.name.size());
    for (std::size_t i = 0; i < space.knobs.size(); ++i)
        text += fmt::format("  {:<{}}  {}\n", space.knobs[i].name, longest,
                            choices_of(space.knobs[i], space.preferred[i], longest + 4));
    const auto model = analytical_model(target);
    const Schedule preferred = space.schedule(space.preferred);
    const double expected = model->seconds(pipeline, preferred);
    text +=
        fmt::format("preferred, in brackets, expected to take {}:\n  {}\n", format_seconds(expected), print(preferred));
    if (space.knobs.empty()) return text;
    double best = expected;
    Schedule first = preferred;
    std::uint64_t state = 1;
    for (int draw = 0; draw < draws_for_best; ++draw) {
        const Schedule schedule = space.schedule(space.sample(state));
        const double seconds = model->seconds(pipeline, schedule);
        if (seconds >= best) continue;
        best = seconds;
        first = schedule;
    }
    if (first == preferred) return text + fmt::format("of {} drawn none is expected to be faster\n", draws_for_best);
    return text + fmt::format("of {} drawn the fastest is expected to take {}:\n  {}\n", draws_for_best,
                              format_seconds(best), print(first));
}

}  // namespace heddle::tools
