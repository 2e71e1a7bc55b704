// tools/json_text.h -- results as JSON for other programs: objects and lists, written in order.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::tools {

/// A JSON value as text.
class Json {
public:
    Json(std::string_view text);
    Json(const char* text) : Json(std::string_view(text)) {}
    Json(const std::string& text) : Json(std::string_view(text)) {}
    /// Not finite: null.
    Json(double number);
    template <std::integral T>
    Json(T number) : text_(std::same_as<T, bool> ? (number ? "true" : "false") : std::to_string(number)) {}
    /// A list.
    Json(const std::vector<Json>& list);
    Json(const std::vector<std::string>& list) : Json(std::vector<Json>(list.begin(), list.end())) {}
    const std::string& text() const { return text_; }

protected:
    Json() = default;
    std::string text_;
};

/// `JsonObject().add("name", "conv2d").add("seconds", 0.1)`.
class JsonObject : public Json {
public:
    JsonObject() { text_ = "{}"; }
    JsonObject& add(std::string_view key, const Json& value);
};

}  // namespace heddle::tools
