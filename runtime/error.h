// runtime/error.h -- the two kinds of error: the user's (UserError) and ours (InternalError).
#pragma once

#include <version>
#ifdef __cpp_lib_source_location
#include <source_location>
#endif
#include <stdexcept>
#include <string>

namespace heddle {

/// Where a function was called, as the default value of its last parameter: `CallSite where = CallSite::current()`.
#ifdef __cpp_lib_source_location
using CallSite = std::source_location;
#else
/// Stands in for std::source_location, which clang lacks before release 15 with libstdc++.
class CallSite {
public:
    static constexpr CallSite current(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
        CallSite site;
        site.file_ = file;
        site.line_ = line;
        return site;
    }
    constexpr const char* file_name() const { return file_; }
    constexpr unsigned line() const { return line_; }

private:
    const char* file_ = "";
    unsigned line_ = 0;
};
#endif

/// A place in the user's source, printed as `file:line`; empty when unknown.
struct SourceLocation {
    std::string file;
    int line = 0;

    SourceLocation() = default;
    explicit SourceLocation(const CallSite& where);
    /// "file:line", or "" when unknown.
    std::string text() const;
};

/// Something is wrong with the user's definition, schedule, file, device or call. The message quotes the user's names
/// and sizes and says what would be legal. what() is the whole message, with the location first where one is known.
class UserError : public std::runtime_error {
public:
    explicit UserError(const std::string& message);
    UserError(const SourceLocation& where, const std::string& message);
    /// The message without the location.
    const std::string& message() const { return message_; }
    const SourceLocation& where() const { return where_; }

private:
    std::string message_;
    SourceLocation where_;
};

/// A broken promise inside Heddle. The message says how to report it.
class InternalError : public std::logic_error {
public:
    explicit InternalError(const std::string& message, CallSite where = CallSite::current());
};

/// Throws InternalError with `message` unless `condition` holds.
void require(bool condition, const char* message, CallSite where = CallSite::current());

}  // namespace heddle
