// tests/schedules/database_sharing_test.cpp -- several writers at once, and one that is killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "schedules/record.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

TuningRecord record(int i) {
    return {{"t0: f32[4]", "host"},
            "y.0: unroll(n, " + std::to_string(i) + ")",
            TrialStatus::measured,
            "",
            1.0 + i,
            0,
            1,
            "v",
            i};
}

TEST(DatabaseSharingTest, TwoConnectionsWriteInTurns) {
    test::TemporaryFolder folder;
    Database a(folder.path() / "tuning.db"), b(folder.path() / "tuning.db");
    for (int i = 0; i < 20; ++i) (i % 2 ? a : b).add(record(i));
    EXPECT_EQ(a.size(), 20);
    EXPECT_EQ(b.best(record(0).key, "v")->schedule, record(0).schedule);
}

TEST(DatabaseSharingTest, ThreadsOpenAndWriteAtOnce) {
    test::TemporaryFolder folder;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            Database database(folder.path() / "tuning.db");
            for (int i = 0; i < 25; ++i) database.add(record(t * 25 + i));
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(Database(folder.path() / "tuning.db").size(), 100);
}

TEST(DatabaseSharingTest, ThreadsShareOneConnection) {
    test::TemporaryFolder folder;
    Database database(folder.path() / "tuning.db");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 25; ++i) {
                database.add(record(t * 25 + i));
                EXPECT_TRUE(database.best(record(0).key, "v"));
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(database.size(), 100);
}

TEST(DatabaseSharingTest, AKilledWriterLosesNothingThatItSaidWasDone) {
    test::TemporaryFolder folder;
    int done[2];
    ASSERT_EQ(pipe(done), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        Database database(folder.path() / "tuning.db");
        for (int i = 0;; ++i) {
            database.add(record(i));
            if (write(done[1], "+", 1) != 1) _exit(1);
        }
    }
    close(done[1]);
    int acknowledged = 0;
    char byte;
    while (acknowledged < 50 && read(done[0], &byte, 1) == 1) ++acknowledged;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(done[0], &byte, 1) == 1) ++acknowledged;
    close(done[0]);

    Database database(folder.path() / "tuning.db");
    const std::vector<TuningRecord> rows = database.all(record(0).key);
    EXPECT_GE(static_cast<int>(rows.size()), acknowledged);
    EXPECT_LE(static_cast<int>(rows.size()), acknowledged + 1);
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].schedule, record(static_cast<int>(i)).schedule);
    database.add(record(1000));
    EXPECT_EQ(database.size(), static_cast<std::int64_t>(rows.size()) + 1);
}

}  // namespace
}  // namespace heddle
