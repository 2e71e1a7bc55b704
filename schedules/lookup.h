// schedules/lookup.h -- the schedule that a database has for a key, and how it matched.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "schedules/record.h"
#include "schedules/shipped_records.h"

namespace heddle {

enum class MatchKind : std::uint8_t {
    exact,     ///< measured for this key, by these versions on this machine
    stale,     ///< measured for this key, by other versions or on another machine
    nearest,   ///< measured for another shape of the same definition
    default_,  ///< nothing fits: the default schedule
};
std::string_view name_of(MatchKind how);

/// What was found. `record` is set unless `how` is default_.
struct Lookup {
    MatchKind how = MatchKind::default_;
    std::optional<TuningRecord> record = {};
    double distance = 0;   ///< of the nearest shape's key
    bool shipped = false;  ///< it came with Heddle

    /// "database (exact)", "database (exact, shipped)", "database (stale: codegen 3, LLVM 18.1.8)", "database (nearest
    /// shape, distance 0.41)", "default".
    std::string text() const;
};

/// Whether a record can be used: its schedule is read by this version, and legal.
using Usable = std::function<bool(const TuningRecord&)>;

/// The fastest usable record of the key that has the provenance `versions`; else the fastest of any other provenance;
/// else that of the nearest key (key_distance) no further than 4, four sizes doubled or one 16 times as large.
Lookup look_up(const Database& database, const TuningKey& key, const std::string& versions, const Usable& usable);

/// Those that came with Heddle stand behind the database: an exact record before a stale one, of two of a kind that of
/// the database, and near shapes of the database alone. `database` may be null.
Lookup look_up(const Database* database, const ShippedRecords& shipped, const TuningKey& key,
               const std::string& versions, const Usable& usable);

/// The schedule of a record of this pipeline or of another shape of it, with the names that are used here. Throws
/// UserError where this version cannot read it.
Schedule schedule_of(const TuningRecord& record, const Pipeline& pipeline);

struct FoundSchedule {
    Schedule schedule;
    Lookup lookup;
    std::string refused;  ///< why the best record was passed over; empty: none was
};
/// The same as a schedule of the pipeline: records whose schedules are not legal any more are passed over.
FoundSchedule find_schedule(const Database& database, const Pipeline& pipeline, const Target& target,
                            const std::string& versions);
FoundSchedule find_schedule(const Database* database, const ShippedRecords& shipped, const Pipeline& pipeline,
                            const Target& target, const std::string& versions);
/// The same of the standard database, where there is one, and of what came with Heddle.
FoundSchedule find_schedule(const Pipeline& pipeline, const Target& target, const std::string& versions);

}  // namespace heddle
