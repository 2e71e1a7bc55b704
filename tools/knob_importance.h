// tools/knob_importance.h -- which choices of a schedule decide its time.
#pragma once

#include <string>
#include <vector>

#include "schedules/record.h"

namespace heddle::tools {

struct KnobImportance {
    std::string knob;  ///< "y.0 split(q)"
    double share = 0;  ///< of the variance of log time that the knob's value explains alone, 0 to 1
    std::string best;  ///< the value whose trials are fastest in the mean: "6"; "not used"
    int values = 0;    ///< how many different ones were tried
};

/// A knob is a directive of one stage with its loop; its value is the rest of the arguments. One-way analysis of
/// variance of the measured trials' log time, with the share that chance explains taken off (omega squared; W. Hays,
/// Statistics for Psychologists, 1963). Largest first; knobs with one value are left out.
std::vector<KnobImportance> knob_importance(const std::vector<TuningRecord>& trials);

}  // namespace heddle::tools
