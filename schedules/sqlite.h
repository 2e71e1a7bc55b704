// schedules/sqlite.h -- a connection and its statements; every error is a UserError that names the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace heddle {

/// One open database file. Waits up to ten seconds for another writer.
class SqliteConnection {
public:
    /// Creates the file and its folder where missing; one that may only be read is opened for reading.
    explicit SqliteConnection(const std::filesystem::path& path);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    void execute(const char* sql) const;
    std::int64_t integer(const char* sql) const;
    std::int64_t last_row() const;
    bool read_only() const { return read_only_; }
    /// Throws UserError: the file, what was being done, and SQLite's own words.
    [[noreturn]] void fail(const std::string& what) const;
    [[noreturn]] void refuse(const std::string& reason) const;
    sqlite3* handle() const { return handle_; }

private:
    std::filesystem::path path_;
    sqlite3* handle_ = nullptr;
    bool read_only_ = false;
};

/// A prepared statement. Bind all parameters in order, then step through the rows; reset() makes it ready again.
class SqliteStatement {
public:
    SqliteStatement(const SqliteConnection& connection, const char* sql);
    ~SqliteStatement();
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    SqliteStatement& reset();
    SqliteStatement& bind(const std::string& text);
    SqliteStatement& bind(std::int64_t value);
    SqliteStatement& bind(double value);
    /// True while there is a row to read.
    bool step();
    std::string text(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;

private:
    const SqliteConnection& connection_;
    sqlite3_stmt* handle_ = nullptr;
    int bound_ = 0;
};

/// BEGIN IMMEDIATE; rolled back unless committed.
class SqliteTransaction {
public:
    explicit SqliteTransaction(const SqliteConnection& connection);
    ~SqliteTransaction();
    SqliteTransaction(const SqliteTransaction&) = delete;
    SqliteTransaction& operator=(const SqliteTransaction&) = delete;
    void commit();

private:
    const SqliteConnection& connection_;
    bool open_ = true;
};

}  // namespace heddle
