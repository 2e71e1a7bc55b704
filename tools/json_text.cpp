// tools/json_text.cpp -- writing JSON.
#include "tools/json_text.h"

#include <fmt/format.h>

#include <cmath>

namespace heddle::tools {

Json::Json(std::string_view text) {
    text_.assign(1, '"');
    for (const char c : text) {
        if (c == '"' || c == '\\') text_ += '\\';
        if (c == '\n')
            text_ += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20)
            text_ += fmt::format("\\u{:04x}", static_cast<int>(c));
        else
            text_ += c;
    }
    text_ += '"';
}

Json::Json(double number) : text_(std::isfinite(number) ? fmt::format("{}", number) : "null") {}

Json::Json(const std::vector<Json>& list) {
    for (const Json& item : list) text_ += (text_.empty() ? "[" : ",") + item.text();
    text_ += list.empty() ? "[]" : "]";
}

JsonObject& JsonObject::add(std::string_view key, const Json& value) {
    text_.pop_back();
    if (text_.size() > 1) text_ += ',';
    text_ += Json(key).text() + ":" + value.text() + "}";
    return *this;
}

}  // namespace heddle::tools
