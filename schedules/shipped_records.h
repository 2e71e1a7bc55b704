// schedules/shipped_records.h -- tuned schedules that come with Heddle: a second source, only read, behind the
// database.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "schedules/record.h"

namespace heddle {

/// Lines of JSON, as `heddle db export` writes them. Only lines that hold a key that is asked for are parsed.
class ShippedRecords {
public:
    /// Of none.
    ShippedRecords() = default;
    /// Throws UserError where the file cannot be read.
    explicit ShippedRecords(const std::filesystem::path& file);
    /// "host.tuning.jsonl" or "cuda.tuning.jsonl" in the folder of what comes with Heddle; of none where it is not
    /// there.
    static ShippedRecords standard(TargetKind kind);

    /// As Database::ranking. Throws UserError "<file>, line 1: ..." (the first that was parsed) for a line of the key
    /// that is no record.
    std::vector<TuningRecord> ranking(const TuningKey& key, const std::string& versions) const;
    std::int64_t size() const;

private:
    std::string text_, origin_;
};

}  // namespace heddle
