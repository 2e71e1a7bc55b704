// schedules/record.cpp -- tuning records in SQLite: a row for each key, and one for each trial.
#include "schedules/record.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <mutex>

#include "dsl/print.h"
#include "runtime/error.h"
#include "schedules/sqlite.h"

namespace heddle {
namespace {

constexpr int schema_version = 2;
constexpr std::int64_t application = 0x6865646c;  ///< "hedl" in the file's header

constexpr const char* schema = R"(
CREATE TABLE keys(
    id INTEGER PRIMARY KEY,
    pipeline TEXT NOT NULL,
    target TEXT NOT NULL,
    definition TEXT NOT NULL DEFAULT '',
    UNIQUE(pipeline, target));
CREATE TABLE trials(
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL REFERENCES keys(id),
    schedule TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds REAL NOT NULL,
    spread REAL NOT NULL,
    repetitions INTEGER NOT NULL,
    versions TEXT NOT NULL,
    time INTEGER NOT NULL);
CREATE INDEX trials_of_key ON trials(key, schedule, versions);
)";

/// From each earlier version to the next one.
constexpr std::array migrations = {"ALTER TABLE keys ADD COLUMN definition TEXT NOT NULL DEFAULT ''"};

#define HEDDLE_TRIAL_COLUMNS "schedule, status, reason, seconds, spread, repetitions, versions, time"
#define HEDDLE_RECORD_COLUMNS HEDDLE_TRIAL_COLUMNS ", definition"

// The last trial of a schedule counts: a repeated measurement replaces the one before.
constexpr const char* ranking_of_key =
    "SELECT " HEDDLE_RECORD_COLUMNS
    " FROM trials JOIN keys ON keys.id = trials.key JOIN (SELECT MAX(trials.id) AS last FROM trials JOIN keys ON "
    "keys.id = trials.key"
    " WHERE pipeline = ?1 AND target = ?2 GROUP BY schedule, versions) ON trials.id = last"
    " WHERE status = 'measured' ORDER BY versions <> ?3, seconds, last";
constexpr const char* all_of_key =
    "SELECT " HEDDLE_RECORD_COLUMNS
    " FROM trials JOIN keys ON keys.id = trials.key WHERE pipeline = ?1 AND target = ?2 ORDER BY trials.id";
constexpr const char* insert_trial =
    "INSERT INTO trials(key, " HEDDLE_TRIAL_COLUMNS
    ") SELECT id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM keys WHERE pipeline = ?1 AND target = ?2";

constexpr const char* all_keys =
    "SELECT pipeline, target, definition, COUNT(*), SUM(status <> 'measured'), MIN(time), MAX(time)"
    " FROM trials JOIN keys ON keys.id = trials.key GROUP BY keys.id ORDER BY keys.id";
constexpr const char* same_trial =
    "SELECT COUNT(*) FROM trials JOIN keys ON keys.id = trials.key WHERE pipeline = ?1 AND target = ?2"
    " AND schedule = ?3 AND status = ?4 AND reason = ?5 AND seconds = ?6 AND spread = ?7 AND repetitions = ?8"
    " AND versions = ?9 AND time = ?10";
// All trials of a schedule by one provenance stay or go together, by its last one: an earlier one would count again.
constexpr const char* prune_trials = R"(
WITH last AS (SELECT MAX(id) AS id FROM trials GROUP BY key, schedule, versions),
ranked AS (
    SELECT id, key, schedule, versions, status, time,
        ROW_NUMBER() OVER (PARTITION BY key, versions, status = 'measured' ORDER BY seconds, id) AS place
    FROM trials JOIN last USING(id))
DELETE FROM trials WHERE id IN (
    SELECT trials.id FROM trials JOIN ranked USING(key, schedule, versions)
    WHERE ranked.time < ?1
        AND ((?2 AND ranked.status <> 'measured')
            OR (?3 AND ranked.status = 'measured' AND (place > ?4 OR trials.id <> ranked.id)))))";
constexpr const char* odd_rows =
    "SELECT trials.id, status, seconds FROM trials LEFT JOIN keys ON keys.id = trials.key WHERE keys.id IS NULL"
    " OR status NOT IN ('measured', 'wrong', 'illegal', 'failed') OR (status = 'measured' AND NOT seconds > 0)";

constexpr std::array statuses = {TrialStatus::measured, TrialStatus::wrong, TrialStatus::illegal, TrialStatus::failed};

TrialStatus parse_status(const std::string& text) {
    for (const TrialStatus status : statuses)
        if (name_of(status) == text) return status;
    return TrialStatus::failed;
}

TuningRecord read_record(const SqliteStatement& row, const TuningKey& key) {
    return {key,
            row.text(0),
            parse_status(row.text(1)),
            row.text(2),
            row.real(3),
            row.real(4),
            static_cast<int>(row.integer(5)),
            row.text(6),
            row.integer(7),
            row.text(8)};
}

/// The schema, made where the file is new.
void prepare(const SqliteConnection& file) {
    const auto version = [&] { return file.integer("PRAGMA user_version"); };
    if (version() == 0 && !file.read_only()) {
        file.execute("PRAGMA journal_mode = WAL");
        SqliteTransaction transaction(file);
        if (version() == 0) {
            if (file.integer("SELECT COUNT(*) FROM sqlite_master") != 0)
                file.refuse("is a database of another program: name another file in HEDDLE_DB");
            file.execute(schema);
            file.execute(fmt::format("PRAGMA application_id = {}", application).c_str());
            file.execute(fmt::format("PRAGMA user_version = {}", schema_version).c_str());
        }
        transaction.commit();
    }
    if (file.integer("PRAGMA application_id") != application)
        file.refuse("is a database of another program: name another file in HEDDLE_DB");
    if (version() < schema_version && !file.read_only()) {
        SqliteTransaction transaction(file);
        for (std::int64_t from = version(); from < schema_version; ++from)
            file.execute(migrations[static_cast<std::size_t>(from - 1)]);
        file.execute(fmt::format("PRAGMA user_version = {}", schema_version).c_str());
        transaction.commit();
    }
    if (version() != schema_version)
        file.refuse(
            fmt::format("has schema version {}, and this Heddle reads version {}: move it away, or use the "
                        "Heddle that wrote it",
                        version(), schema_version));
    // A commit is on disk when the operating system is; a killed process loses nothing that was committed.
    if (!file.read_only()) file.execute("PRAGMA synchronous = NORMAL");
    file.execute("PRAGMA foreign_keys = ON");
}

/// A connection with its schema checked, before the statements are prepared on it.
struct CheckedConnection : SqliteConnection {
    explicit CheckedConnection(const std::filesystem::path& path) : SqliteConnection(path) { prepare(*this); }
};

/// All columns of a trial after its key's.
SqliteStatement& bind_record(SqliteStatement& row, const TuningRecord& record) {
    row.reset().bind(record.key.pipeline).bind(record.key.target).bind(record.schedule);
    row.bind(std::string(name_of(record.status))).bind(record.reason).bind(record.seconds).bind(record.spread);
    return row.bind(static_cast<std::int64_t>(record.repetitions)).bind(record.versions).bind(record.time);
}

/// All rows of a statement that is bound.
template <class Row, class Read>
std::vector<Row> rows_of(SqliteStatement& statement, const Read& read) {
    std::vector<Row> rows;
    while (statement.step()) rows.push_back(read());
    statement.reset();
    return rows;
}

}  // namespace

struct Database::Connection {
    explicit Connection(const std::filesystem::path& path) : file(path) {}

    void add(const TuningRecord& record) {
        add_key.reset().bind(record.key.pipeline).bind(record.key.target).bind(record.definition).step();
        add_key.reset();
        bind_record(add_trial, record).step();
        add_trial.reset();
    }
    bool has(const TuningRecord& record) {
        bind_record(same, record).step();
        const bool found = same.integer(0) > 0;
        same.reset();
        return found;
    }

    std::mutex mutex;
    CheckedConnection file;
    SqliteStatement add_key{file,
                            "INSERT INTO keys(pipeline, target, definition) VALUES(?1, ?2, ?3)"
                            " ON CONFLICT DO UPDATE SET definition = ?3 WHERE definition = ''"};
    SqliteStatement add_trial{file, insert_trial};
    SqliteStatement ranking{file, ranking_of_key};
    SqliteStatement all{file, all_of_key};
    SqliteStatement same{file, same_trial};
    SqliteStatement keys{file, all_keys};
    SqliteStatement count{file, "SELECT COUNT(*) FROM trials"};
};

TuningKey TuningKey::of(const Pipeline& pipeline, const Target& target) {
    TuningKey key{canonical_text(pipeline), target.text()};
    if (target.kind == TargetKind::host && key.target.find("threads=") == std::string::npos)
        key.target += fmt::format(",threads={}", target.threads);
    return key;
}

std::string_view name_of(TrialStatus status) {
    switch (status) {
        case TrialStatus::measured:
            return "measured";
        case TrialStatus::wrong:
            return "wrong";
        case TrialStatus::illegal:
            return "illegal";
        case TrialStatus::failed:
            return "failed";
    }
    throw InternalError("an unknown status of a trial");
}

Database::Database(const std::filesystem::path& path) : connection_(std::make_unique<Connection>(path)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;

std::filesystem::path Database::standard_path() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    if (const std::string file = variable("HEDDLE_DB"); !file.empty()) return file;
    if (const std::string data = variable("XDG_DATA_HOME"); !data.empty())
        return std::filesystem::path(data) / "heddle" / "tuning.db";
    const std::string home = variable("HOME");
    if (home.empty())
        throw UserError("there is no place for the tuning database: set HEDDLE_DB, XDG_DATA_HOME or HOME");
    return std::filesystem::path(home) / ".local" / "share" / "heddle" / "tuning.db";
}

void Database::add(const TuningRecord& record) {
    const std::lock_guard lock(connection_->mutex);
    SqliteTransaction transaction(connection_->file);
    connection_->add(record);
    transaction.commit();
}

std::optional<TuningRecord> Database::best(const TuningKey& key, const std::string& versions) const {
    std::vector<TuningRecord> ranked = ranking(key, versions);
    if (ranked.empty()) return {};
    return std::move(ranked.front());
}

std::vector<TuningRecord> Database::ranking(const TuningKey& key, const std::string& versions) const {
    const std::lock_guard lock(connection_->mutex);
    SqliteStatement& row = connection_->ranking.reset().bind(key.pipeline).bind(key.target).bind(versions);
    return rows_of<TuningRecord>(row, [&] { return read_record(row, key); });
}

std::vector<TuningRecord> Database::all(const TuningKey& key) const {
    const std::lock_guard lock(connection_->mutex);
    SqliteStatement& row = connection_->all.reset().bind(key.pipeline).bind(key.target);
    return rows_of<TuningRecord>(row, [&] { return read_record(row, key); });
}

std::int64_t Database::size() const {
    const std::lock_guard lock(connection_->mutex);
    SqliteStatement& row = connection_->count.reset();
    const std::int64_t rows = row.step() ? row.integer(0) : 0;
    row.reset();
    return rows;
}

std::vector<KeySummary> Database::keys() const {
    const std::lock_guard lock(connection_->mutex);
    SqliteStatement& row = connection_->keys.reset();
    return rows_of<KeySummary>(row, [&] {
        return KeySummary{
            {row.text(0), row.text(1)}, row.text(2), row.integer(3), row.integer(4), row.integer(5), row.integer(6)};
    });
}

std::int64_t Database::merge(const std::vector<TuningRecord>& records) {
    const std::lock_guard lock(connection_->mutex);
    SqliteTransaction transaction(connection_->file);
    std::int64_t added = 0;
    for (const TuningRecord& record : records) {
        if (connection_->has(record)) continue;
        connection_->add(record);
        ++added;
    }
    transaction.commit();
    return added;
}

std::int64_t Database::prune(const PruneRule& rule) {
    const std::lock_guard lock(connection_->mutex);
    const SqliteConnection& file = connection_->file;
    const std::int64_t before = connection_->file.integer("SELECT COUNT(*) FROM trials");
    {
        SqliteTransaction transaction(file);
        SqliteStatement prune(file, prune_trials);
        prune.bind(rule.before.value_or(std::numeric_limits<std::int64_t>::max()));
        prune.bind(static_cast<std::int64_t>(rule.failures)).bind(static_cast<std::int64_t>(rule.slower));
        prune.bind(static_cast<std::int64_t>(rule.keep)).step();
        file.execute("DELETE FROM keys WHERE id NOT IN (SELECT key FROM trials)");
        transaction.commit();
    }
    const std::int64_t after = file.integer("SELECT COUNT(*) FROM trials");
    if (after < before) file.execute("VACUUM");
    return before - after;
}

std::vector<std::string> Database::problems() const {
    const std::lock_guard lock(connection_->mutex);
    std::vector<std::string> problems;
    SqliteStatement check(connection_->file, "PRAGMA integrity_check");
    while (check.step())
        if (check.text(0) != "ok") problems.push_back(check.text(0));
    SqliteStatement odd(connection_->file, odd_rows);
    while (odd.step())
        problems.push_back(fmt::format("trial {} is no record: '{}', {} s", odd.integer(0), odd.text(1), odd.real(2)));
    return problems;
}

}  // namespace heddle
