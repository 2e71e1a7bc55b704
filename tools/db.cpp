// tools/db.cpp -- heddle db: looking at the tuning database.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "codegen/provenance.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "runtime/text.h"
#include "schedules/lookup.h"
#include "schedules/record_json.h"
#include "tools/database_key.h"
#include "tools/db_actions.h"
#include "tools/json_text.h"
#include "tools/problem.h"
#include "tools/subcommands.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

std::string date_of(std::int64_t time) {
    const std::time_t seconds = time;
    std::tm parts{};
    char text[32];
    localtime_r(&seconds, &parts);
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts)};
}

/// The provenance that is current for a key's target; none for a target of another version.
std::string current_provenance(const TuningKey& key) {
    try {
        return provenance(Target::parse(key.target));
    } catch (const UserError&) {
        return "";
    }
}

const std::string& definition_of(const KeySummary& summary) {
    return summary.definition.empty() ? summary.key.pipeline : summary.definition;
}

int list(const CommandLine& line) {
    const Database database = open_database(line);
    const std::vector<KeySummary> keys = database.keys();
    const bool json = line.has("--json");
    if (!json)
        fmt::print("{:8}  {:>6} {:>6}  {:>10}  {:7} {:16}  {:28} {}\n", "key", "trials", "failed", "best", "", "last",
                   "target", "definition");
    for (const KeySummary& summary : keys) {
        const std::string versions = current_provenance(summary.key);
        const std::optional<TuningRecord> best = database.best(summary.key, versions);
        const bool stale = best && best->versions != versions;
        if (json) {
            JsonObject row;
            row.add("key", short_name(summary.key)).add("pipeline", summary.key.pipeline);
            row.add("definition", summary.definition);
            row.add("target", summary.key.target).add("trials", summary.trials).add("failures", summary.failures);
            row.add("first_time", summary.first_time).add("last_time", summary.last_time);
            if (best) row.add("best_seconds", best->seconds).add("best_schedule", best->schedule).add("stale", stale);
            fmt::print("{}\n", row.text());
        } else {
            fmt::print("{:8}  {:6} {:6}  {:>10}  {:7} {:16}  {:28} {}\n", short_name(summary.key), summary.trials,
                       summary.failures, best ? format_seconds(best->seconds) : "none", stale ? "stale" : "",
                       date_of(summary.last_time), summary.key.target, one_line(definition_of(summary), 100));
        }
    }
    return 0;
}

int show(const CommandLine& line) {
    const Database database = open_database(line);
    const TuningKey key = key_of(line, database);
    std::vector<TuningRecord> records = database.all(key);
    if (records.empty()) throw UserError("nothing is recorded of this definition and target: 'heddle tune' does that");
    if (line.has("--json")) {
        for (const TuningRecord& record : records) fmt::print("{}\n", record_line(record));
        return 0;
    }
    const auto failed = [](const TuningRecord& record) { return record.status != TrialStatus::measured; };
    const auto measured_end =
        std::stable_partition(records.begin(), records.end(), [&](auto& r) { return !failed(r); });
    std::stable_sort(records.begin(), measured_end, [](auto& a, auto& b) { return a.seconds < b.seconds; });
    const std::string versions = current_provenance(key);
    const auto limit = static_cast<std::size_t>(line.integer("--trials", 20, 1));
    fmt::print("{}  {}\n{}\n\n", coloured(Colour::bold, short_name(key)), key.target,
               records[0].definition.empty() ? key.pipeline : records[0].definition);
    for (std::size_t i = 0; i < std::min(limit, records.size()); ++i) {
        const TuningRecord& record = records[i];
        const std::string what = failed(record) ? std::string(name_of(record.status)) : format_seconds(record.seconds);
        fmt::print("{:>10}  +-{:<9} {}  {}{}\n", what, format_seconds(record.spread), date_of(record.time),
                   record.versions == versions ? "" : coloured(Colour::yellow, "stale: " + record.versions + "  "),
                   record.schedule);
        if (failed(record)) fmt::print("{:12}{}\n", "", coloured(Colour::grey, record.reason));
    }
    if (records.size() > limit) fmt::print("... and {} more: --trials {}\n", records.size() - limit, records.size());
    return 0;
}

int best(const CommandLine& line) {
    const Database database = open_database(line);
    const TuningKey key = key_of(line, database);
    const std::string versions = current_provenance(key);
    const Lookup found = look_up(database, key, versions, [](const TuningRecord&) { return true; });
    if (!found.record) {
        fmt::print(stderr, "heddle: nothing was measured of this definition and target\n");
        return 1;
    }
    const std::string schedule =
        names_operator(line) ? print(schedule_of(*found.record, make_problem(line).pipeline)) : found.record->schedule;
    if (line.has("--json")) {
        fmt::print("{}\n", JsonObject()
                               .add("key", short_name(key))
                               .add("match", name_of(found.how))
                               .add("seconds", found.record->seconds)
                               .add("spread", found.record->spread)
                               .add("versions", found.record->versions)
                               .add("schedule", schedule)
                               .text());
        return 0;
    }
    fmt::print(stderr, "# {}, {} +- {}, {}\n", found.text(), format_seconds(found.record->seconds),
               format_seconds(found.record->spread), date_of(found.record->time));
    fmt::print("{}\n", schedule);
    return 0;
}

/// What is wrong with a key's texts.
std::vector<std::string> problems_of(const Database& database, const TuningKey& key) {
    std::vector<std::string> problems;
    try {
        const Pipeline pipeline = parse_pipeline(key.pipeline);
        if (canonical_text(pipeline) != key.pipeline)
            problems.push_back("its definition is not in the form that this version looks for");
    } catch (const UserError& error) {
        problems.push_back("its definition cannot be read: " + error.message());
    }
    try {
        Target::parse(key.target);
    } catch (const UserError& error) {
        problems.push_back("its target is not known: " + error.message());
    }
    for (const TuningRecord& record : database.all(key)) try {
            if (record.status == TrialStatus::measured) parse_schedule(record.schedule);
        } catch (const UserError& error) {
            problems.push_back("a schedule cannot be read: " + error.message());
        }
    for (std::string& problem : problems) problem = fmt::format("key {}: {}", short_name(key), problem);
    return problems;
}

int verify(const CommandLine& line) {
    const Database database = open_database(line);
    std::vector<std::string> problems = database.problems();
    for (const KeySummary& summary : database.keys())
        for (const std::string& problem : problems_of(database, summary.key)) problems.push_back(problem);
    for (const std::string& problem : problems) fmt::print("{}\n", problem);
    if (problems.empty())
        fmt::print("{} is sound: {} records of {} keys\n", database_path(line).string(), database.size(),
                   database.keys().size());
    return problems.empty() ? 0 : 1;
}

}  // namespace

std::vector<OptionRow> key_options() {
    std::vector<OptionRow> options;
    for (const OptionRow& row : problem_options())
        if (row.name != "--schedule" && row.name != "--saved") options.push_back(row);
    options.push_back(database_option());
    return options;
}

std::vector<Subcommand> looking_actions() {
    const OptionRow json{"--json", "", "one JSON object a line, for other programs"};
    std::vector<OptionRow> of_key = key_options(), of_trials = key_options();
    of_key.push_back(json);
    of_trials.push_back({"--trials", "N", "at most this many trials, fastest first (20)"});
    of_trials.push_back(json);
    return {
        {"db list",
         "what was tuned: a line for each definition and target",
         "db list",
         {database_option(), json},
         {"heddle db list"},
         list,
         {}},
        {"db show",
         "the trials of one key: times, schedules, why others failed",
         "db show KEY | OPERATOR tensor=...",
         of_trials,
         {"heddle db show 3fa9c1d2", "heddle db show conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1"},
         show,
         {}},
        {"db best",
         "the fastest schedule of one key, and whether it is stale",
         "db best KEY | OPERATOR tensor=...",
         of_key,
         {"heddle db best 3fa9c1d2", "",
          "the schedule goes to standard output, what is known of it to standard error; status 1 where there is none"},
         best,
         {}},
        {"db verify",
         "checks the file and every row",
         "db verify",
         {database_option()},
         {"heddle db verify", "", "status 1 where something is wrong, with a line for each"},
         verify,
         {}}};
}

Subcommand db_subcommand() {
    std::vector<Subcommand> actions = looking_actions();
    for (Subcommand& action : moving_actions()) actions.push_back(std::move(action));
    actions.push_back(training_action());
    return {"db",
            "looks at and looks after the database of tuned schedules",
            "db list | show | best | export | import | merge | prune | verify | train",
            {},
            {"heddle db list", "heddle db export -o records.jsonl", "heddle db list --help"},
            nullptr,
            std::move(actions)};
}

}  // namespace heddle::tools
