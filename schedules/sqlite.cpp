// schedules/sqlite.cpp -- SQLite's C interface with owners and errors.
#include "schedules/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <system_error>

#include "runtime/error.h"

namespace heddle {
namespace {

constexpr int busy_milliseconds = 10000;

/// As the user that the process acts as, which need not be the one who started it.
bool may_write(const std::filesystem::path& path) {
    const auto may = [](const std::filesystem::path& one) {
        return faccessat(AT_FDCWD, one.c_str(), W_OK, AT_EACCESS) == 0;
    };
    return may(path) && may(path.has_parent_path() ? path.parent_path() : ".");
}

/// For a file that cannot be written: without locks or a log beside it.
std::string immutable_uri(const std::filesystem::path& path) {
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(path).string())
        if (c == '?' || c == '#' || c == '%')
            uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
        else
            uri += c;
    return uri + "?immutable=1";
}

bool writing_failed(int extended_code) {
    return extended_code == SQLITE_IOERR_WRITE || extended_code == SQLITE_IOERR_FSYNC ||
           extended_code == SQLITE_IOERR_TRUNCATE || extended_code == SQLITE_IOERR_SHMSIZE;
}

}  // namespace

SqliteConnection::SqliteConnection(const std::filesystem::path& path) : path_(path) {
    if (path.empty()) throw UserError("a tuning database needs a file name; HEDDLE_DB names one");
    std::error_code error;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (error)
        throw UserError(
            fmt::format("the tuning database {}: its folder cannot be made: {}", path.string(), error.message()));
    if (std::filesystem::is_directory(path, error)) refuse("is a folder");
    read_only_ = std::filesystem::exists(path, error) && !may_write(path);
    const int status =
        read_only_
            ? sqlite3_open_v2(immutable_uri(path).c_str(), &handle_, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr)
            : sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    if (status != SQLITE_OK) {
        const std::string reason = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(status);
        sqlite3_close(handle_);
        refuse("cannot be opened: " + reason);
    }
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, busy_milliseconds);
}

SqliteConnection::~SqliteConnection() { sqlite3_close(handle_); }

void SqliteConnection::refuse(const std::string& reason) const {
    throw UserError(fmt::format("the tuning database {} {}", path_.string(), reason));
}

void SqliteConnection::fail(const std::string& what) const {
    const int code = sqlite3_errcode(handle_) & 0xff;
    const std::string reason = sqlite3_errmsg(handle_);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        refuse(fmt::format("is damaged ({}): move it away to begin a new one ('heddle db verify' says more)", reason));
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        refuse(fmt::format("is in use: waited {} s to {}", busy_milliseconds / 1000, what));
    if (code == SQLITE_FULL || writing_failed(sqlite3_extended_errcode(handle_)))
        refuse(fmt::format("cannot be written ({}): is the disk full? everything recorded before is kept", reason));
    if (code == SQLITE_READONLY) refuse(fmt::format("may only be read: {}", reason));
    refuse(fmt::format("failed to {}: {}", what, reason));
}

void SqliteConnection::execute(const char* sql) const {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail("be prepared");
}

std::int64_t SqliteConnection::integer(const char* sql) const {
    SqliteStatement statement(*this, sql);
    return statement.step() ? statement.integer(0) : 0;
}

SqliteStatement::SqliteStatement(const SqliteConnection& connection, const char* sql) : connection_(connection) {
    if (sqlite3_prepare_v2(connection.handle(), sql, -1, &handle_, nullptr) != SQLITE_OK) connection.fail("be read");
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(handle_); }

SqliteStatement& SqliteStatement::reset() {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
    bound_ = 0;
    return *this;
}

SqliteStatement& SqliteStatement::bind(const std::string& text) {
    if (sqlite3_bind_text(handle_, ++bound_, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT) != SQLITE_OK)
        connection_.fail("take a text");
    return *this;
}

SqliteStatement& SqliteStatement::bind(std::int64_t value) {
    if (sqlite3_bind_int64(handle_, ++bound_, value) != SQLITE_OK) connection_.fail("take a number");
    return *this;
}

SqliteStatement& SqliteStatement::bind(double value) {
    if (sqlite3_bind_double(handle_, ++bound_, value) != SQLITE_OK) connection_.fail("take a number");
    return *this;
}

bool SqliteStatement::step() {
    const int status = sqlite3_step(handle_);
    if (status == SQLITE_ROW) return true;
    if (status != SQLITE_DONE) connection_.fail(sqlite3_stmt_readonly(handle_) ? "be read" : "be written");
    return false;
}

std::string SqliteStatement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))) : "";
}

SqliteTransaction::SqliteTransaction(const SqliteConnection& connection) : connection_(connection) {
    connection.execute("BEGIN IMMEDIATE");
}

SqliteTransaction::~SqliteTransaction() {
    if (open_) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteTransaction::commit() {
    connection_.execute("COMMIT");
    open_ = false;
}

std::int64_t SqliteConnection::last_row() const { return sqlite3_last_insert_rowid(handle_); }

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(handle_, column); }
double SqliteStatement::real(int column) const { return sqlite3_column_double(handle_, column); }

}  // namespace heddle
