// tests/schedules/database_full_test.cpp -- a disk that is full is said, and loses nothing that was recorded.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/error.h"
#include "schedules/record.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

TuningRecord record(int i) {
    return {{"t0: f32[4]", "host"},
            "s" + std::to_string(i) + std::string(200, ' '),
            TrialStatus::measured,
            "",
            1.0 + i,
            0,
            1,
            "v",
            i};
}

/// Adds records until a write is refused; leaves how many were taken, and the message, in `pipe`.
void fill(const std::filesystem::path& file, int pipe) {
    const rlimit limit{300000, 300000};  // bytes a file: writes past it fail, as on a full disk
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    std::string said;
    int taken = 0;
    try {
        Database database(file);
        for (; taken < 100000; ++taken) database.add(record(taken));
    } catch (const UserError& error) {
        said = error.message();
    }
    said = std::to_string(taken) + " " + said;
    [[maybe_unused]] const auto written = write(pipe, said.data(), said.size());
    _exit(0);
}

TEST(DatabaseFullTest, EverythingAcknowledgedIsThereAfterwards) {
    test::TemporaryFolder folder;
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) fill(folder.path() / "tuning.db", ends[1]);
    close(ends[1]);
    std::string said(4096, '\0');
    said.resize(static_cast<std::size_t>(read(ends[0], said.data(), said.size())));
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);

    const int taken = std::stoi(said);
    EXPECT_GT(taken, 10);
    EXPECT_LT(taken, 100000);
    EXPECT_NE(said.find("tuning.db"), std::string::npos) << said;
    EXPECT_NE(said.find("cannot be written"), std::string::npos) << said;
    Database database(folder.path() / "tuning.db");
    EXPECT_EQ(database.size(), taken);
    EXPECT_TRUE(database.problems().empty());
    database.add(record(taken));
    EXPECT_EQ(database.all(record(0).key).back().schedule, record(taken).schedule);
}

}  // namespace
}  // namespace heddle
