// tests/tools/command_no_toolkit_test.cpp -- with neither NVRTC nor a device: CUDA source is written, the host runs,
// and a line says what is missing.
#include <algorithm>

#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandNoToolkit : public CommandFixture {
protected:
    CommandResult hidden(const std::string& arguments) const {
        return heddle(arguments,
                      "HEDDLE_NVRTC=/nonexistent CUDA_VISIBLE_DEVICES= PATH=/bin:/usr/bin CUDA_HOME=/nonexistent");
    }
    // Status 2, and one line that holds `part`.
    void expect_line(const CommandResult& result, const std::string& part) const {
        EXPECT_EQ(result.status, 2) << result.output;
        expect_contains(result.errors, part);
        EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    }
};
const std::string problem = " -e 'y[n] += x[n,c]' x=f32:9x7 ";
const std::string no_nvrtc = "no NVRTC at HEDDLE_NVRTC=/nonexistent";

TEST_F(CommandNoToolkit, source_is_written) {
    const CommandResult source = hidden("emit --source --target cuda --name sums" + problem);
    EXPECT_EQ(source.status, 0) << source.errors;
    EXPECT_EQ(source.errors, "");
    expect_contains(read_file(folder() / "sums.cu"), "extern \"C\" __global__ void");
    expect_contains(hidden("show --stage cuda --target cuda:sm_80" + problem).output, "__global__");
}

TEST_F(CommandNoToolkit, what_needs_the_compiler_says_so) {
    const CommandResult emitted = hidden("emit --target cuda:sm_90 --name sums" + problem);
    expect_line(emitted, "only the source is written, sums.c and sums.h with its machine code are not: " + no_nvrtc);
    expect_contains(emitted.output, "sums.cu");
    EXPECT_FALSE(std::filesystem::exists(folder() / "sums.c"));
    for (const char* stage : {"ptx", "sass", "resources"})
        expect_line(hidden("show --target cuda:sm_90 --stage " + std::string(stage) + problem), no_nvrtc);
}

TEST_F(CommandNoToolkit, what_needs_a_device_says_so) {
    expect_line(hidden("run --target cuda:sm_90" + problem), "");
    expect_contains(hidden("doctor --quick").output, no_nvrtc);
}

TEST_F(CommandNoToolkit, the_host_runs) {
    EXPECT_EQ(hidden("check" + problem).status, 0);
    EXPECT_EQ(hidden("run --time 1ms" + problem).status, 0);
}

}  // namespace
}  // namespace heddle::test
