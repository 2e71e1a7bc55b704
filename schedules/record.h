// schedules/record.h -- measured schedules and the database that keeps them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/pipeline.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {

/// What a record is for: canonical text of the pipeline (sizes, types) and target (features, threads).
struct TuningKey {
    std::string pipeline;
    std::string target;
    bool operator==(const TuningKey&) const = default;
    static TuningKey of(const Pipeline& pipeline, const Target& target);
};

enum class TrialStatus : std::uint8_t { measured, wrong, illegal, failed };
std::string_view name_of(TrialStatus status);

/// One measurement, or one recorded failure.
struct TuningRecord {
    TuningKey key;
    std::string schedule;  ///< print(Schedule)
    TrialStatus status = TrialStatus::measured;
    std::string reason;              ///< of a failure
    double seconds = 0, spread = 0;  ///< of one call, and its interquartile range
    int repetitions = 0;
    std::string versions;   ///< provenance: "codegen 4, LLVM 19.1.7, AMD EPYC 9R14" (codegen/provenance.h)
    std::int64_t time = 0;  ///< Unix time of the measurement
    /// The pipeline as it was written (print), with the names that the schedule uses; the key has none. May be empty.
    std::string definition = {};
};

/// What a database holds of one key.
struct KeySummary {
    TuningKey key;
    std::string definition;  ///< of the record that stated it first; may be empty
    std::int64_t trials = 0, failures = 0;
    std::int64_t first_time = 0, last_time = 0;  ///< Unix times of its trials
};

/// What Database::prune takes away. The last trials of the `keep` fastest schedules of a key always stay.
struct PruneRule {
    int keep = 1;
    bool failures = false;                 ///< trials that failed, were illegal or wrong
    bool slower = false;                   ///< all but the fastest `keep` schedules of each key
    std::optional<std::int64_t> before{};  ///< only trials before this Unix time
};

/// SQLite (WAL), one row a trial as it happens. Every member throws UserError naming the file and what is wrong for a
/// database that cannot be opened or is damaged; a failed write leaves the database as it was.
class Database {
public:
    /// Creates the file and its folder where missing; a file of an earlier schema is brought to this one.
    explicit Database(const std::filesystem::path& path);
    ~Database();
    Database(Database&&) noexcept;
    /// `HEDDLE_DB`, else $XDG_DATA_HOME/heddle/tuning.db, else ~/.local/share/heddle/tuning.db.
    static std::filesystem::path standard_path();

    void add(const TuningRecord& record);
    /// The fastest measured record of this key; of the current versions when there is one, else of any.
    std::optional<TuningRecord> best(const TuningKey& key, const std::string& versions) const;
    /// The measured schedules of this key, each by its last trial, those of the current versions first, then fastest
    /// first.
    std::vector<TuningRecord> ranking(const TuningKey& key, const std::string& versions) const;
    /// Every trial of this key, in the order in which they were recorded.
    std::vector<TuningRecord> all(const TuningKey& key) const;
    std::int64_t size() const;

    /// Every key with records, in the order of first appearance.
    std::vector<KeySummary> keys() const;
    /// Adds all records that are not there yet, or none where one cannot be written; says how many were new.
    std::int64_t merge(const std::vector<TuningRecord>& records);
    /// Removes what the rule says and gives the space back; says how many trials went.
    std::int64_t prune(const PruneRule& rule);
    /// What SQLite finds wrong in the file, a line each, and rows that no Heddle writes; none: it is sound.
    std::vector<std::string> problems() const;

private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace heddle
