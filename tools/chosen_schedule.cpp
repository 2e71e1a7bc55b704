// tools/chosen_schedule.cpp -- the schedule given, else the recorded one, else the default.
#include "tools/chosen_schedule.h"

#include <fmt/format.h>

#include "codegen/emit_llvm.h"
#include "runtime/text.h"
#include "schedules/record.h"

namespace heddle::tools {

ChosenSchedule chosen_schedule(const CommandLine& line, const Problem& problem, const Target& target) {
    if (const std::optional<Schedule> given = schedule_of(line)) return {*given, "given"};
    const std::filesystem::path path = Database::standard_path();
    if (std::error_code ignored; !line.has("--default") && std::filesystem::exists(path, ignored))
        if (const auto record = Database(path).best(TuningKey::of(problem.pipeline, target), host_code_versions()))
            return {parse_schedule(record->schedule), fmt::format("tuned, {} a call", format_seconds(record->seconds))};
    return {default_schedule(problem.pipeline, target), "default"};
}

OptionRow default_option() { return {"--default", "", "the default schedule, even where a tuned one is recorded"}; }

}  // namespace heddle::tools
