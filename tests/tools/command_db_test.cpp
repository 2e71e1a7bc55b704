// tests/tools/command_db_test.cpp -- heddle db lists, shows, moves, prunes and verifies records, and refuses wrong
// uses.
#include <nlohmann/json.hpp>

#include "schedules/record.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandDb : public CommandFixture {
protected:
    void SetUp() override {
        Database database(folder() / "tuning.db");
        for (int i = 1; i <= 3; ++i) database.add(record(i));
        TuningRecord failure = record(9);
        failure.status = TrialStatus::failed;
        failure.reason = "too much shared memory";
        database.add(failure);
    }
    static TuningRecord record(int i) {
        return {{canonical, "host:avx2,threads=3"},
                "y.0: split(n, " + std::to_string(i) + ")",
                TrialStatus::measured,
                "",
                i * 1e-3,
                1e-5,
                7,
                "codegen 0",
                1700000000 + i};
    }
    static constexpr const char* canonical = "t0: f32[8,4]\nt1: f32[8]\nt1[i0] += t0[i0,i1]\n";
    std::string key() const { return nlohmann::json::parse(heddle("db list --json").output)["key"].get<std::string>(); }
    std::int64_t size(const std::string& file = "tuning.db") const { return Database(folder() / file).size(); }
};

TEST_F(CommandDb, lists_keys_with_their_best) {
    const auto row = nlohmann::json::parse(heddle("db list --json").output);
    EXPECT_EQ(row["trials"], 4);
    EXPECT_EQ(row["failures"], 1);
    EXPECT_EQ(row["best_seconds"], 1e-3);
    EXPECT_EQ(row["stale"], true);
    const std::string text = heddle("db list").output;
    expect_contains(text, row["key"]);
    expect_contains(text, "1 ms  stale");
    expect_contains(text, "host:avx2,threads=3");
}

TEST_F(CommandDb, shows_trials_fastest_first_and_why_others_failed) {
    const std::string text = heddle("db show " + key()).output;
    EXPECT_LT(text.find("split(n, 1)"), text.find("split(n, 2)"));
    expect_contains(text, "too much shared memory");
    expect_contains(heddle("db show " + key().substr(0, 4) + " --trials 1").output, "... and 3 more");
    expect_refusal("db show abcd1234", "the database has no key abcd1234; it has " + key());
    expect_refusal("db show", "name a key by its digits");
    expect_refusal("db show linear x=f32:2x2 w=f32:2x2", "nothing is recorded of this definition and target");
}

TEST_F(CommandDb, gives_the_best_schedule_alone_on_standard_output) {
    const CommandResult best = heddle("db best " + key());
    EXPECT_EQ(best.output, "y.0: split(n, 1)\n");
    expect_contains(best.errors, "stale: codegen 0");
    EXPECT_EQ(nlohmann::json::parse(heddle("db best --json " + key()).output)["match"], "stale");
    EXPECT_EQ(heddle("db best linear x=f32:2x2 w=f32:2x2").status, 1);
}

TEST_F(CommandDb, what_is_exported_can_be_imported) {
    EXPECT_EQ(heddle("db export -o out.jsonl").output, "4 records of 1 keys in out.jsonl\n");
    EXPECT_EQ(heddle("db export").output, read_file(folder() / "out.jsonl"));
    EXPECT_EQ(heddle("db import out.jsonl --db other.db").output, "4 of 4 records are new in other.db\n");
    EXPECT_EQ(heddle("db import - --db other.db <out.jsonl").output, "0 of 4 records are new in other.db\n");
    EXPECT_EQ(heddle("db export --db other.db").output, read_file(folder() / "out.jsonl"));
}

TEST_F(CommandDb, an_import_is_taken_whole_or_not_at_all) {
    heddle("db export -o out.jsonl");
    const std::string good = read_file(folder() / "out.jsonl");
    const auto expect_bad = [&](const std::string& line, const std::string& part) {
        write_file(folder() / "bad.jsonl", good + "\n" + line + "\n");
        expect_refusal("db import bad.jsonl --db new.db", "bad.jsonl, line 6: " + part);
        EXPECT_FALSE(std::filesystem::exists(folder() / "new.db"));
    };
    auto row = nlohmann::json::parse(good.substr(0, good.find('\n')));
    expect_bad("{\"pipeline\":", "is not JSON");
    expect_bad("[]", "should be one JSON object");
    const auto with = [&](const char* field, const nlohmann::json& value) {
        auto changed = row;
        changed[field] = value;
        return changed.dump();
    };
    expect_bad(with("status", "fine"), "\"status\" is measured, wrong, illegal or failed, not 'fine'");
    expect_bad(with("seconds", "1"), "\"seconds\" should be a number of seconds");
    expect_bad(with("seconds", -1), "\"seconds\" should be 0 or more seconds");
    expect_bad(with("seconds", 0), "a measured trial takes more than 0 seconds");
    row.erase("schedule");
    expect_bad(row.dump(), "the field \"schedule\" is missing");
    expect_refusal("db import nowhere.jsonl", "nowhere.jsonl cannot be read");
}

TEST_F(CommandDb, merges_other_databases) {
    TuningRecord other = record(5);
    Database(folder() / "other.db").add(other);
    Database(folder() / "other.db").add(record(1));
    EXPECT_EQ(heddle("db merge other.db").output, "1 of 2 records are new in tuning.db\n");
    EXPECT_EQ(size(), 5);
    expect_refusal("db merge nowhere.db", "there is no database nowhere.db");
    write_file(folder() / "text.db", std::string(5000, 'x'));
    expect_refusal("db merge text.db", "text.db is damaged");
    EXPECT_EQ(size(), 5);
}

TEST_F(CommandDb, prunes_only_what_it_is_told_to) {
    expect_refusal("db prune", "say what may go: --failures, --keep N");
    expect_refusal("db prune --keep 0", "--keep takes an integer of at least 1");
    EXPECT_EQ(heddle("db prune --failures --days 100000").output, "0 records removed, 4 kept in tuning.db\n");
    EXPECT_EQ(heddle("db prune --failures").output, "1 records removed, 3 kept in tuning.db\n");
    EXPECT_EQ(heddle("db prune --keep 1").output, "2 records removed, 1 kept in tuning.db\n");
    EXPECT_EQ(heddle("db best " + key()).output, "y.0: split(n, 1)\n");
}

TEST_F(CommandDb, verifies_the_rows_and_the_file) {
    expect_contains(heddle("db verify").output, "tuning.db is sound: 4 records of 1 keys");
    TuningRecord odd = record(1);
    odd.key.pipeline = "no definition";
    odd.schedule = "y.0: (";
    Database(folder() / "tuning.db").add(odd);
    const CommandResult verified = heddle("db verify");
    EXPECT_EQ(verified.status, 1);
    expect_contains(verified.output, "its definition cannot be read");
    expect_contains(verified.output, "a schedule cannot be read");
    write_file(folder() / "tuning.db", std::string(5000, 'x'));
    expect_refusal("db verify", "tuning.db is damaged");
}

TEST_F(CommandDb, says_what_there_is) {
    expect_refusal("db", "name an action of heddle db: list, show, best, verify, export, import, merge, prune");
    expect_refusal("db lst", "there is no action of heddle db 'lst'");
    expect_refusal("db list --db nowhere.db", "there is no tuning database nowhere.db");
    for (const std::string action : {"", "list", "show", "best", "verify", "export", "import", "merge", "prune"}) {
        const CommandResult help = heddle("db " + action + " --help");
        EXPECT_EQ(help.status, 0);
        expect_contains(help.output, "usage: heddle db " + action);
    }
}

}  // namespace
}  // namespace heddle::test
