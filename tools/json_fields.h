// tools/json_fields.h -- reading tables and results: JSON with the file, the row and the field in every complaint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::tools {

/// Throws UserError "<origin> is not JSON: ...".
nlohmann::json parse_json(std::string_view text, const std::string& origin);
/// The whole file. Throws UserError for one that cannot be read.
std::string text_of_file(const std::filesystem::path& file);

/// The rows of a table: a list of objects with a "name", not empty and without two rows of one name. Throws UserError.
std::vector<nlohmann::json> rows_of(std::string_view text, const std::string& origin);
/// A whole number of at least `least`. Throws UserError "<where>: "K" should be a whole number of 1 or more".
std::int64_t size_field(const nlohmann::json& row, const char* field, std::int64_t least, const std::string& where);
/// Throws UserError where the field is missing or no number.
double number_field(const nlohmann::json& row, const char* field, const std::string& where);
/// Throws UserError where the field is missing or no text.
std::string text_field(const nlohmann::json& row, const char* field, const std::string& where);

}  // namespace heddle::tools
