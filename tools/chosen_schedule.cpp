// tools/chosen_schedule.cpp -- the schedule given, else the recorded one, else the default.
#include "tools/chosen_schedule.h"

#include <fmt/format.h>

#include "codegen/provenance.h"
#include "runtime/text.h"
#include "schedules/lookup.h"

namespace heddle::tools {

ChosenSchedule chosen_schedule(const CommandLine& line, const Problem& problem, const Target& target) {
    if (const std::optional<Schedule> given = schedule_of(line)) return {*given, "given"};
    if (!line.has("--default")) {
        const FoundSchedule found = find_schedule(problem.pipeline, target, provenance(target));
        if (const auto& record = found.lookup.record)
            return {found.schedule, found.lookup.how == MatchKind::exact && !found.lookup.shipped
                                        ? fmt::format("tuned, {} a call", format_seconds(record->seconds))
                                        : found.lookup.text()};
    }
    return {default_schedule(problem.pipeline, target), "default"};
}

OptionRow default_option() { return {"--default", "", "the default schedule, even where a tuned one is recorded"}; }

}  // namespace heddle::tools
