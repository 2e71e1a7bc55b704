// tests/tools/run_command.h -- runs the heddle command in a folder of its own and keeps what it says.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "tests/support/temporary_folder.h"

namespace heddle::test {

struct CommandResult {
    int status = -1;
    std::string output, errors;
};

/// One test's folder, with an empty cache and database. Everything that the command writes ends up in it.
class CommandFixture : public testing::Test {
protected:
    /// `arguments` as a shell reads them.
    CommandResult heddle(const std::string& arguments, const std::string& environment = "") const {
        const std::string line = "cd " + folder().string() + " && HEDDLE_CACHE= HEDDLE_DB=tuning.db " + environment +
                                 " " + HEDDLE_COMMAND + " " + arguments + " >output 2>errors";
        const int status = std::system(line.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_file(folder() / "output"),
                read_file(folder() / "errors")};
    }
    /// Expects status 2 and an error that contains `part`, with nothing on standard output.
    void expect_refusal(const std::string& arguments, const std::string& part) const {
        const CommandResult result = heddle(arguments);
        EXPECT_EQ(result.status, 2) << arguments << "\n" << result.errors;
        EXPECT_NE(result.errors.find(part), std::string::npos) << result.errors << "\ndoes not say\n" << part;
        EXPECT_EQ(result.output, "");
    }
    const std::filesystem::path& folder() const { return folder_.path(); }

private:
    TemporaryFolder folder_;
};

inline void expect_contains(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text << "\ndoes not contain\n" << part;
}

}  // namespace heddle::test
