// tests/emulator/dropped_line_test.cpp -- emitted kernels with one wait, fence or barrier left out: the emulator
// objects.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

// Calls that a kernel needs wherever they stand. Others keep a ring's stages or a tile apart from its next use, which a
// small size may not come to.
bool needed(const std::string& line) {
    if (line.rfind("    ", 0) != 0 || line.find("asm") != std::string::npos) return false;
    for (const char* call :
         {"barrier_wait(&full", "barrier_expect(", "barrier_init_fence()", "wgmma_fence()", "wgmma_wait<0>()",
          "async_proxy_fence()", "copy_async_commit()", "copy_async_wait<1>()", "cluster_sync()"})
        if (line.find(call) != std::string::npos) return true;
    return false;
}

// The text without its `number`-th such line; `dropped` is that line, empty when there are fewer.
std::string without_line(const std::string& text, int number, std::string& dropped) {
    std::istringstream lines(text);
    std::string line, result;
    for (bool helper = false; std::getline(lines, line);) {
        helper = line != "}" && (helper || line.find("static __device__") != std::string::npos);
        if (!helper && needed(line) && number-- == 0)
            dropped = line;
        else
            result += line;
        result += "\n";
    }
    return result;
}

class DroppedLine : public testing::TestWithParam<std::string> {};

TEST_P(DroppedLine, IsFound) {
    std::vector<ScheduledText> all = tile_schedules();
    for (const auto* more : {&warpgroup_schedules(), &cluster_schedules(), &span_schedules()})
        all.insert(all.end(), more->begin(), more->end());
    const auto subject = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.name == GetParam(); });
    ASSERT_NE(subject, all.end());
    const Pipeline pipeline = parse_pipeline(subject->text);
    const NamedBuffers inputs = whole_inputs(pipeline);
    int found = 0;
    for (std::string dropped = "one";; ++found) {
        dropped.clear();
        const auto edit = [&](const std::string& text) { return without_line(text, found, dropped); };
        std::string fault;
        try {
            emulate(pipeline, parse_schedule(subject->schedule), Target::cuda(90), inputs, edit);
        } catch (const EmulationError& error) {
            fault = error.what();
        }
        if (dropped.empty()) {
            EXPECT_EQ(fault, "");  // the whole text
            break;
        }
        EXPECT_NE(fault, "") << "without " << dropped;
    }
    EXPECT_GE(found, 2);
}

INSTANTIATE_TEST_SUITE_P(Schedules, DroppedLine,
                         testing::Values("mma_f16_pipeline", "wgmma_cp_async", "wgmma_roles", "cluster",
                                         "cluster_in_a_loop", "cluster_argmax", "planes", "rows_ahead"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace heddle::test
