// runtime/error.cpp -- the texts of the two kinds of error.
#include "runtime/error.h"

#include <fmt/format.h>

#include <string_view>

namespace heddle {
namespace {

std::string with_location(const SourceLocation& where, const std::string& message) {
    const std::string place = where.text();
    return place.empty() ? message : fmt::format("{}: {}", place, message);
}

/// The last two components of a path, so that a message reads the same wherever the sources lie.
std::string_view short_path(std::string_view path) {
    std::size_t slash = path.rfind('/');
    if (slash != std::string_view::npos && slash > 0) slash = path.rfind('/', slash - 1);
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

SourceLocation::SourceLocation(const CallSite& where) : file(where.file_name()), line(static_cast<int>(where.line())) {}

std::string SourceLocation::text() const { return file.empty() ? std::string() : fmt::format("{}:{}", file, line); }

UserError::UserError(const std::string& message) : std::runtime_error(message), message_(message) {}

UserError::UserError(const SourceLocation& where, const std::string& message)
    : std::runtime_error(with_location(where, message)), message_(message), where_(where) {}

InternalError::InternalError(const std::string& message, CallSite where)
    : std::logic_error(
          fmt::format("internal error at {}:{}: {}\nThis is a bug in Heddle, not in your program. Please report "
                      "it with this text and the definition and schedule that led here.",
                      short_path(where.file_name()), where.line(), message)) {}

void require(bool condition, const char* message, CallSite where) {
    if (!condition) throw InternalError(message, where);
}

}  // namespace heddle
