// tests/schedules/database_file_test.cpp -- files that are damaged, foreign, of another version or not writable.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include "schedules/record.h"
#include "tests/support/error_text.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/unprivileged.h"

namespace heddle {
namespace {

const TuningRecord sample{{"t0: f32[4]", "host"}, "y.0: parallel(n)", TrialStatus::measured, "", 1, 0, 5, "v", 7};

void run_sql(const std::filesystem::path& file, const char* sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
}

class DatabaseFileTest : public testing::Test {
protected:
    test::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "tuning.db";
    void expect_refused(const std::string& part) {
        const auto open = [&] { Database(file_).all(sample.key); };
        test::expect_refusal(open, part);
        test::expect_refusal(open, file_.string());
    }
};

TEST_F(DatabaseFileTest, TextIsNoDatabase) {
    std::ofstream(file_) << std::string(5000, 'x');
    expect_refused("is damaged");
}

TEST_F(DatabaseFileTest, AnEmptyFileBecomesADatabase) {
    std::ofstream{file_};
    Database(file_).add(sample);
    EXPECT_EQ(Database(file_).size(), 1);
}

TEST_F(DatabaseFileTest, PagesOverwrittenInTheMiddleAreNoticed) {
    {
        Database database(file_);
        for (int i = 0; i < 300; ++i) {
            TuningRecord record = sample;
            record.schedule += std::string(100, 'a' + i % 26);
            database.add(record);
        }
    }
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(4096 * 20, '\xff');
    file.close();
    expect_refused("is damaged");
}

TEST_F(DatabaseFileTest, ATruncatedFileIsNoticed) {
    { Database(file_).add(sample); }
    std::filesystem::resize_file(file_, 1000);
    expect_refused("is damaged");
}

TEST_F(DatabaseFileTest, AnotherSchemaVersionIsNamed) {
    { Database(file_).add(sample); }
    run_sql(file_, "PRAGMA user_version = 99");
    expect_refused("schema version 99, and this Heddle reads version 2");
}

TEST_F(DatabaseFileTest, AnEarlierSchemaIsBroughtToThisOne) {
    { Database(file_).add(sample); }
    run_sql(file_, "ALTER TABLE keys DROP COLUMN definition; PRAGMA user_version = 1");
    TuningRecord later = sample;
    later.definition = "y[n] = x[n]";
    {
        Database database(file_);
        EXPECT_EQ(database.best(sample.key, "v")->schedule, sample.schedule);
        EXPECT_EQ(database.keys()[0].definition, "");
        database.add(later);
    }
    EXPECT_EQ(Database(file_).keys()[0].definition, "y[n] = x[n]");
    EXPECT_EQ(Database(file_).all(sample.key)[0].definition, "y[n] = x[n]");
    EXPECT_EQ(Database(file_).size(), 2);
}

TEST_F(DatabaseFileTest, ADatabaseOfAnotherProgramIsLeftAlone) {
    run_sql(file_, "CREATE TABLE recipes(id INTEGER)");
    expect_refused("is a database of another program");
    run_sql(file_, "SELECT * FROM recipes");
}

TEST_F(DatabaseFileTest, AFolderIsNoFile) {
    std::filesystem::create_directory(file_);
    expect_refused("is a folder");
}

TEST_F(DatabaseFileTest, PlacesWhereNothingCanBeMade) {
    test::expect_refusal([] { Database("/proc/heddle.db"); }, "the tuning database /proc/heddle.db cannot be opened");
    std::ofstream(folder_.path() / "file") << "text";
    test::expect_refusal([&] { Database(folder_.path() / "file" / "tuning.db"); }, "its folder cannot be made");
    test::expect_refusal([] { Database(""); }, "needs a file name");
}

TEST_F(DatabaseFileTest, AFileThatMayOnlyBeReadIsRead) {
    { Database(file_).add(sample); }
    const test::Unprivileged unprivileged(folder_.path());
    std::filesystem::permissions(file_, std::filesystem::perms::owner_read);
    std::filesystem::permissions(folder_.path(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    Database database(file_);
    EXPECT_EQ(database.best(sample.key, "v")->schedule, sample.schedule);
    test::expect_refusal([&] { database.add(sample); }, "may only be read");
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::owner_all);
    EXPECT_EQ(database.size(), 1);
}

}  // namespace
}  // namespace heddle
