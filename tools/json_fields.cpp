// tools/json_fields.cpp -- rows and fields of JSON, refused with their place.
#include "tools/json_fields.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "runtime/error.h"

namespace heddle::tools {

nlohmann::json parse_json(std::string_view text, const std::string& origin) {
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::exception& error) {
        throw UserError(fmt::format("{} is not JSON: {}", origin, error.what()));
    }
}

std::string text_of_file(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::ostringstream text;
    if (stream) text << stream.rdbuf();
    if (!stream || !text) throw UserError(fmt::format("{} cannot be read", file.string()));
    return text.str();
}

std::vector<nlohmann::json> rows_of(std::string_view text, const std::string& origin) {
    const nlohmann::json table = parse_json(text, origin);
    if (!table.is_array() || table.empty()) throw UserError(fmt::format("{}: should be a list of layers", origin));
    std::vector<nlohmann::json> rows;
    std::set<std::string> names;
    for (const nlohmann::json& row : table) {
        if (!row.is_object() || !row.contains("name") || !row["name"].is_string())
            throw UserError(fmt::format("{}, layer {}: should be an object with a \"name\"", origin, rows.size() + 1));
        if (!names.insert(row["name"].get<std::string>()).second)
            throw UserError(fmt::format("{}: there are two layers '{}'", origin, row["name"].get<std::string>()));
        rows.push_back(row);
    }
    return rows;
}

std::int64_t size_field(const nlohmann::json& row, const char* field, std::int64_t least, const std::string& where) {
    const auto found = row.find(field);
    if (found == row.end() || !found->is_number_integer() || found->get<std::int64_t>() < least)
        throw UserError(fmt::format("{}: \"{}\" should be a whole number of {} or more", where, field, least));
    return found->get<std::int64_t>();
}

double number_field(const nlohmann::json& row, const char* field, const std::string& where) {
    const auto found = row.find(field);
    if (found == row.end() || !found->is_number())
        throw UserError(fmt::format("{}: \"{}\" should be a number", where, field));
    return found->get<double>();
}

std::string text_field(const nlohmann::json& row, const char* field, const std::string& where) {
    const auto found = row.find(field);
    if (found == row.end() || !found->is_string())
        throw UserError(fmt::format("{}: \"{}\" should be a text", where, field));
    return found->get<std::string>();
}

}  // namespace heddle::tools
