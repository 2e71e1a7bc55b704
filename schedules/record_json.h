// schedules/record_json.h -- tuning records as lines of JSON, for other machines and programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schedules/record.h"

namespace heddle {

/// One line without its end: {"pipeline": ..., "target": ..., "schedule": ..., "status": "measured", ...}.
std::string record_line(const TuningRecord& record);
/// All records of a text, a line each; empty lines do not count. Throws UserError "<origin>, line 3: ..." for a line
/// that is no JSON object, and for a field that is missing, of another type or impossible.
std::vector<TuningRecord> records_of(std::string_view text, const std::string& origin);

}  // namespace heddle
