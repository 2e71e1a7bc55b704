// schedules/shipped_records.cpp -- a file of records, searched as text.
#include "schedules/shipped_records.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <tuple>

#include "runtime/error.h"
#include "runtime/shipped_folder.h"
#include "schedules/record_json.h"

namespace heddle {
namespace {

/// What a line of a record of this pipeline has in it: its text as JSON writes it.
std::string quoted_pipeline(const TuningKey& key) {
    TuningRecord record;
    record.key.pipeline = key.pipeline;
    const std::string line = record_line(record);
    const std::size_t begin = line.find(':') + 1, end = line.find(",\"target\"");
    return line.substr(begin, end - begin);
}

}  // namespace

ShippedRecords::ShippedRecords(const std::filesystem::path& path) : origin_(path.string()) {
    std::ifstream file(path, std::ios::binary);
    text_.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || file.bad()) throw UserError(origin_ + " cannot be read");
}

ShippedRecords ShippedRecords::standard(TargetKind kind) {
    const auto folder = shipped_folder();
    if (!folder) return {};
    const std::filesystem::path path = *folder / (kind == TargetKind::host ? "host.tuning.jsonl" : "cuda.tuning.jsonl");
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return {};
    return ShippedRecords(path);
}

std::vector<TuningRecord> ShippedRecords::ranking(const TuningKey& key, const std::string& versions) const {
    if (text_.empty()) return {};
    const std::string part = quoted_pipeline(key);
    std::vector<TuningRecord> found;
    const std::string_view text = text_;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at)) {
        const std::size_t before = text.rfind('\n', at), begin = before == std::string_view::npos ? 0 : before + 1;
        const std::size_t end = std::min(text.find('\n', at), text.size());
        for (TuningRecord& record : records_of(text.substr(begin, end - begin), origin_))
            if (record.key == key && record.status == TrialStatus::measured) found.push_back(std::move(record));
        at = end;
    }
    std::stable_sort(found.begin(), found.end(), [&](const TuningRecord& a, const TuningRecord& b) {
        return std::make_tuple(a.versions != versions, a.seconds) < std::make_tuple(b.versions != versions, b.seconds);
    });
    return found;
}

std::int64_t ShippedRecords::size() const { return std::count(text_.begin(), text_.end(), '\n'); }

}  // namespace heddle
