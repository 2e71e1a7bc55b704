// tests/runtime/log_test.cpp -- which lines reach standard error at each level of HEDDLE_LOG.
#include "runtime/log.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace heddle {
namespace {

/// What the three functions print under a level; null: the variable is not set.
std::string printed(const char* level) {
    if (level == nullptr)
        unsetenv("HEDDLE_LOG");
    else
        setenv("HEDDLE_LOG", level, 1);
    testing::internal::CaptureStderr();
    log_warning("careful");
    log_info("by the way");
    const std::string text = testing::internal::GetCapturedStderr();
    unsetenv("HEDDLE_LOG");
    return text;
}

TEST(log, levels) {
    EXPECT_EQ(printed(nullptr), "heddle: careful\n");
    EXPECT_EQ(printed("info"), "heddle: careful\nheddle: by the way\n");
    EXPECT_EQ(printed("quiet"), "");
}

TEST(log, an_unknown_level_is_said_once) {
    EXPECT_EQ(printed("loud"),
              "heddle: HEDDLE_LOG=loud is unknown; it is 'quiet' or 'info', or unset for warnings\nheddle: careful\n");
    EXPECT_EQ(printed("loud"), "heddle: careful\n");
}

TEST(log, once_for_each_key) {
    unsetenv("HEDDLE_LOG");
    testing::internal::CaptureStderr();
    log_once("log_test a", "first");
    log_once("log_test a", "second");
    log_once("log_test b", "third");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "heddle: first\nheddle: third\n");
}

}  // namespace
}  // namespace heddle
