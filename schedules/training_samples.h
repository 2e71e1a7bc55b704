// schedules/training_samples.h -- the measured schedules of a database, with what the analytical model says of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schedules/learned_model.h"
#include "schedules/record.h"

namespace heddle {

struct TrainingSamples {
    std::vector<CostSample> samples;  ///< a group for each key and provenance
    std::map<std::string, KeySummary> keys_of_groups;
    std::string versions;  ///< the provenances, with " | " between
    int unreadable = 0;    ///< records of schedules or definitions that this version does not read or accept
};
/// Of each schedule its last trial; of `kind` alone, of databases in turn.
TrainingSamples training_samples(const std::vector<const Database*>& databases, TargetKind kind);

}  // namespace heddle
