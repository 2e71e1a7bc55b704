// tools/db_transfer.cpp -- heddle db: records out of the database, into it, and away.
#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>

#include "runtime/error.h"
#include "schedules/record_json.h"
#include "tools/database_key.h"
#include "tools/db_actions.h"

namespace heddle::tools {
namespace {

std::string text_of_file(const std::string& name) {
    if (name == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream file(name, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file || file.bad()) throw UserError(fmt::format("{} cannot be read", name));
    return text;
}

int export_records(const CommandLine& line) {
    const Database database = open_database(line);
    std::vector<TuningKey> keys;
    if (!line.words().empty() || line.has("-e"))
        keys.push_back(key_of(line, database));
    else
        for (const KeySummary& summary : database.keys()) keys.push_back(summary.key);
    std::string text;
    std::size_t count = 0;
    for (const TuningKey& key : keys)
        for (const TuningRecord& record : database.all(key)) {
            text += record_line(record) + "\n";
            ++count;
        }
    const std::string name = line.text("-o").value_or("-");
    if (name == "-") {
        fmt::print("{}", text);
        return 0;
    }
    std::ofstream file(name, std::ios::binary);
    file << text << std::flush;
    if (!file) throw UserError(fmt::format("{} cannot be written", name));
    fmt::print("{} records of {} keys in {}\n", count, keys.size(), name);
    return 0;
}

int import_records(const CommandLine& line) {
    if (line.words().empty())
        throw UserError("name the files to import, as 'heddle db export' writes them; - is stdin");
    std::vector<TuningRecord> records;
    for (const std::string& name : line.words())
        for (TuningRecord& record : records_of(text_of_file(name), name == "-" ? "standard input" : name))
            records.push_back(std::move(record));
    Database database(database_path(line));
    fmt::print("{} of {} records are new in {}\n", database.merge(records), records.size(),
               database_path(line).string());
    return 0;
}

int merge_databases(const CommandLine& line) {
    if (line.words().empty()) throw UserError("name the databases whose records are to be added");
    std::vector<TuningRecord> records;
    for (const std::string& name : line.words()) {
        if (std::error_code ignored; !std::filesystem::exists(name, ignored))
            throw UserError(fmt::format("there is no database {}", name));
        const Database other{std::filesystem::path(name)};
        for (const KeySummary& summary : other.keys())
            for (TuningRecord& record : other.all(summary.key)) records.push_back(std::move(record));
    }
    Database database(database_path(line));
    fmt::print("{} of {} records are new in {}\n", database.merge(records), records.size(),
               database_path(line).string());
    return 0;
}

int prune(const CommandLine& line) {
    PruneRule rule;
    rule.failures = line.has("--failures");
    rule.slower = line.has("--keep");
    rule.keep = static_cast<int>(line.integer("--keep", 1, 1));
    if (line.has("--days")) rule.before = std::time(nullptr) - 86400 * line.integer("--days", 0, 0);
    if (!rule.failures && !rule.slower)
        throw UserError("say what may go: --failures, --keep N (all but the fastest N schedules of a key), or both");
    Database database = open_database(line);
    const std::int64_t removed = database.prune(rule);
    fmt::print("{} records removed, {} kept in {}\n", removed, database.size(), database_path(line).string());
    return 0;
}

}  // namespace

std::vector<Subcommand> moving_actions() {
    std::vector<OptionRow> of_export = key_options();
    of_export.insert(of_export.begin(), {"-o", "FILE", "where to write (standard output)"});
    return {
        {"db export",
         "writes records as lines of JSON",
         "db export [-o FILE] [KEY | OPERATOR tensor=...]",
         of_export,
         {"heddle db export -o records.jsonl", "heddle db export 3fa9c1d2 | gzip > records.jsonl.gz"},
         export_records,
         {}},
        {"db import",
         "adds records that 'heddle db export' wrote, all of a call or none",
         "db import FILE...",
         {database_option()},
         {"heddle db import records.jsonl", "zcat records.jsonl.gz | heddle db import -", "",
          "records that are there already are not added again"},
         import_records,
         {}},
        {"db merge",
         "adds the records of other databases",
         "db merge FILE.db...",
         {database_option()},
         {"heddle db merge /mnt/other/tuning.db"},
         merge_databases,
         {}},
        {"db prune",
         "removes failed and slow trials",
         "db prune --failures | --keep N [--days N]",
         {{"--failures", "", "trials that failed, were illegal or gave something wrong"},
          {"--keep", "N", "of each key and provenance only the fastest N schedules"},
          {"--days", "N", "only trials older than this"},
          database_option()},
         {"heddle db prune --keep 8 --failures", "",
          "the fastest schedules stay, of stale records, too; a schedule that failed last goes with all its trials"},
         prune,
         {}}};
}

}  // namespace heddle::tools
