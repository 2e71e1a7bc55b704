// schedules/training_samples.cpp -- records become samples: the definition parsed, its schedule's nest estimated.
#include "schedules/training_samples.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "dsl/parse.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "schedules/lookup.h"

namespace heddle {
namespace {

/// Last measured trials by provenance and schedule; one that failed later does not count.
using Trials = std::map<std::pair<std::string, std::string>, TuningRecord>;

Trials last_trials(const std::vector<TuningRecord>& records) {
    Trials trials;
    for (const TuningRecord& record : records) trials[{record.versions, record.schedule}] = record;
    std::erase_if(trials, [](const auto& trial) { return trial.second.status != TrialStatus::measured; });
    return trials;
}

}  // namespace

TrainingSamples training_samples(const std::vector<const Database*>& databases, TargetKind kind) {
    TrainingSamples made;
    std::set<std::string> versions;
    for (const Database* database : databases)
        for (const KeySummary& summary : database->keys()) {
            std::optional<Target> target;
            Pipeline pipeline;
            const Trials trials = last_trials(database->all(summary.key));
            try {
                target = Target::parse(summary.key.target);
                if (target->kind != kind) continue;
                pipeline = parse_pipeline(summary.definition.empty() ? summary.key.pipeline : summary.definition);
            } catch (const UserError&) {
                made.unreadable += static_cast<int>(trials.size());
                continue;
            }
            for (const auto& [key, record] : trials) {
                CostSample sample{summary.key.pipeline + summary.key.target + record.versions, record.seconds, {}};
                try {
                    sample.expected = estimate(pipeline, schedule_of(record, pipeline), *target);
                } catch (const UserError&) {
                    sample.expected.seconds = std::numeric_limits<double>::infinity();
                }
                if (!std::isfinite(sample.expected.seconds)) {
                    ++made.unreadable;
                    continue;
                }
                versions.insert(record.versions);
                made.keys_of_groups.emplace(sample.group, summary);
                made.samples.push_back(std::move(sample));
            }
        }
    made.versions = join({versions.begin(), versions.end()}, " | ");
    return made;
}

}  // namespace heddle
