// schedules/record_json.cpp -- a record's fields by name, checked one by one.
#include "schedules/record_json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/error.h"

namespace heddle {
namespace {

using nlohmann::json;

const json& field(const json& row, const char* name, bool (json::*is)() const noexcept, const char* kind,
                  const std::string& where) {
    const auto found = row.find(name);
    if (found == row.end()) throw UserError(fmt::format("{}: the field \"{}\" is missing", where, name));
    if (!((*found).*is)()) throw UserError(fmt::format("{}: \"{}\" should be {}", where, name, kind));
    return *found;
}

std::string text_of(const json& row, const char* name, const std::string& where) {
    return field(row, name, &json::is_string, "a text", where).get<std::string>();
}

double seconds_of(const json& row, const char* name, const std::string& where) {
    const double value = field(row, name, &json::is_number, "a number of seconds", where).get<double>();
    if (!(value >= 0) || !std::isfinite(value))
        throw UserError(fmt::format("{}: \"{}\" should be 0 or more seconds", where, name));
    return value;
}

TrialStatus status_of(const json& row, const std::string& where) {
    const std::string text = text_of(row, "status", where);
    for (const TrialStatus status :
         {TrialStatus::measured, TrialStatus::wrong, TrialStatus::illegal, TrialStatus::failed})
        if (name_of(status) == text) return status;
    throw UserError(fmt::format("{}: \"status\" is measured, wrong, illegal or failed, not '{}'", where, text));
}

TuningRecord record_of(const std::string& line, const std::string& where) {
    json row;
    try {
        row = json::parse(line);
    } catch (const json::exception& error) {
        throw UserError(fmt::format("{}: is not JSON: {}", where, error.what()));
    }
    if (!row.is_object()) throw UserError(fmt::format("{}: should be one JSON object, a record", where));
    TuningRecord record;
    record.key = {text_of(row, "pipeline", where), text_of(row, "target", where)};
    if (row.contains("definition")) record.definition = text_of(row, "definition", where);
    record.schedule = text_of(row, "schedule", where);
    record.status = status_of(row, where);
    record.reason = text_of(row, "reason", where);
    record.seconds = seconds_of(row, "seconds", where);
    record.spread = seconds_of(row, "spread", where);
    record.repetitions = field(row, "repetitions", &json::is_number_integer, "a whole number", where).get<int>();
    record.versions = text_of(row, "versions", where);
    record.time = field(row, "time", &json::is_number_integer, "a Unix time", where).get<std::int64_t>();
    if (record.status == TrialStatus::measured && record.seconds == 0)
        throw UserError(fmt::format("{}: a measured trial takes more than 0 seconds", where));
    return record;
}

}  // namespace

std::string record_line(const TuningRecord& record) {
    const nlohmann::ordered_json row = {{"pipeline", record.key.pipeline},
                                        {"target", record.key.target},
                                        {"definition", record.definition},
                                        {"schedule", record.schedule},
                                        {"status", name_of(record.status)},
                                        {"reason", record.reason},
                                        {"seconds", record.seconds},
                                        {"spread", record.spread},
                                        {"repetitions", record.repetitions},
                                        {"versions", record.versions},
                                        {"time", record.time}};
    return row.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<TuningRecord> records_of(std::string_view text, const std::string& origin) {
    std::vector<TuningRecord> records;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string line(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        records.push_back(record_of(line, fmt::format("{}, line {}", origin, number)));
    }
    return records;
}

}  // namespace heddle
