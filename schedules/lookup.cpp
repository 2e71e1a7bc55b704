// schedules/lookup.cpp -- exact records first, then those of other versions, of near shapes, then the default.
#include "schedules/lookup.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/print.h"
#include "runtime/error.h"
#include "schedules/key_distance.h"
#include "schedules/loop_nest.h"
#include "schedules/renamed_schedule.h"

namespace heddle {
namespace {

constexpr double furthest = 4;

/// Why a recorded schedule cannot be used here; nothing: it can.
std::optional<std::string> refusal_of(const TuningRecord& record, const Pipeline& pipeline, const Target& target) {
    try {
        LoopNest nest;
        if (const auto refusal = apply(schedule_of(record, pipeline), pipeline, target, nest)) return refusal->reason;
        return {};
    } catch (const UserError& error) {
        return error.message();
    }
}

/// Nearest first, without the key itself.
std::vector<std::pair<double, TuningKey>> keys_near(const Database& database, const TuningKey& key) {
    std::vector<std::pair<double, TuningKey>> near;
    for (const KeySummary& summary : database.keys()) {
        if (summary.trials == summary.failures || summary.key.target != key.target || summary.key == key) continue;
        const double distance = key_distance(key, summary.key);
        if (distance <= furthest) near.emplace_back(distance, summary.key);
    }
    std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return near;
}

}  // namespace

std::string_view name_of(MatchKind how) {
    switch (how) {
        case MatchKind::exact:
            return "exact";
        case MatchKind::stale:
            return "stale";
        case MatchKind::nearest:
            return "nearest";
        case MatchKind::default_:
            return "default";
    }
    throw InternalError("an unknown kind of match");
}

std::string Lookup::text() const {
    switch (how) {
        case MatchKind::exact:
            return shipped ? "database (exact, shipped)" : "database (exact)";
        case MatchKind::stale:
            return fmt::format("database (stale{}: {})", shipped ? ", shipped" : "", record->versions);
        case MatchKind::nearest:
            return fmt::format("database (nearest shape, distance {:.2f})", distance);
        case MatchKind::default_:
            return "default";
    }
    throw InternalError("an unknown kind of match");
}

Lookup look_up(const Database& database, const TuningKey& key, const std::string& versions, const Usable& usable) {
    for (const TuningRecord& record : database.ranking(key, versions))
        if (usable(record)) return {record.versions == versions ? MatchKind::exact : MatchKind::stale, record};
    for (const auto& [distance, near] : keys_near(database, key))
        for (const TuningRecord& record : database.ranking(near, versions))
            if (usable(record)) return {MatchKind::nearest, record, distance};
    return {};
}

Lookup look_up(const Database* database, const ShippedRecords& shipped, const TuningKey& key,
               const std::string& versions, const Usable& usable) {
    Lookup own = database ? look_up(*database, key, versions, usable) : Lookup{};
    if (own.how == MatchKind::exact) return own;
    for (const TuningRecord& record : shipped.ranking(key, versions)) {
        if (!usable(record)) continue;
        const MatchKind how = record.versions == versions ? MatchKind::exact : MatchKind::stale;
        if (how == MatchKind::exact || own.how != MatchKind::stale) return {how, record, 0, true};
        break;
    }
    return own;
}

Schedule schedule_of(const TuningRecord& record, const Pipeline& pipeline) {
    return with_names_of(record.definition, print(pipeline), parse_schedule(record.schedule));
}

FoundSchedule find_schedule(const Database& database, const Pipeline& pipeline, const Target& target,
                            const std::string& versions) {
    return find_schedule(&database, {}, pipeline, target, versions);
}

FoundSchedule find_schedule(const Pipeline& pipeline, const Target& target, const std::string& versions) {
    const std::filesystem::path path = Database::standard_path();
    std::optional<Database> database;
    if (std::error_code ignored; std::filesystem::exists(path, ignored)) database.emplace(path);
    return find_schedule(database ? &*database : nullptr, ShippedRecords::standard(target.kind), pipeline, target,
                         versions);
}

FoundSchedule find_schedule(const Database* database, const ShippedRecords& shipped, const Pipeline& pipeline,
                            const Target& target, const std::string& versions) {
    FoundSchedule found;
    const TuningKey key = TuningKey::of(pipeline, target);
    const auto usable = [&](const TuningRecord& record) {
        const auto refusal = refusal_of(record, pipeline, target);
        if (refusal && found.refused.empty() && record.key == key) found.refused = *refusal;
        return !refusal;
    };
    found.lookup = look_up(database, shipped, key, versions, usable);
    found.schedule =
        found.lookup.record ? schedule_of(*found.lookup.record, pipeline) : default_schedule(pipeline, target);
    return found;
}

}  // namespace heddle
