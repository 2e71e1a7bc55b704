// tools/space_report.h -- what a search can choose for a pipeline, as text.
#pragma once

#include <string>

#include "dsl/pipeline.h"
#include "schedules/target.h"

namespace heddle::tools {

/// A line a knob with its choices, the preferred in brackets; how many combinations there are and which part of them is
/// legal (counted, else from 2000 drawn); and what the cost model expects of the default and of the best of 200 drawn.
std::string space_report(const Pipeline& pipeline, const Target& target);

}  // namespace heddle::tools
