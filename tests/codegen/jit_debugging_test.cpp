// tests/codegen/jit_debugging_test.cpp -- HEDDLE_PERF names functions for perf, HEDDLE_DEBUG_JIT still runs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

TEST(JitDebugging, KernelRuns) {
    const Compiled compiled("x: f32[5,41]; y: f32[5,41]\ny[i,j] = x[i,j] * 3.0 + 0.0 * x[i,0]");
    EXPECT_EQ(compiled.difference("y.0: split(j, 8) vectorize(j.i) parallel(i)"), "");
}

TEST(JitDebugging, PerfMapNamesFunctions) {
    const std::string path = "/tmp/perf-" + std::to_string(getpid()) + ".map";
    setenv("HEDDLE_PERF", "1", 1);
    const Compiled compiled("x: f32[6,43]; swallow: f32[6,43]\nswallow[i,j] = x[i,j] * 5.0");
    EXPECT_EQ(compiled.difference("swallow.0: parallel(i)"), "");
    unsetenv("HEDDLE_PERF");
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    std::filesystem::remove(path);
    std::uint64_t address = 0, size = 0;
    std::string name;
    text >> std::hex >> address >> size >> name;
    EXPECT_GT(address, 0u);
    EXPECT_GT(size, 0u);
    EXPECT_NE(text.str().find(":swallow_0_0\n"), std::string::npos) << text.str();
    EXPECT_NE(text.str().find(":task_"), std::string::npos) << text.str();
}

// The debugger is told when the JIT starts: a process of its own.
TEST(JitDebugging, DebuggerRegistrationRuns) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const std::string command =
        "HEDDLE_DEBUG_JIT=1 '" + program + "' --gtest_filter=JitDebugging.KernelRuns > /dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace heddle::test
