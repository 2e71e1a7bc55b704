// tests/runtime/kernel_cache_distrust_test.cpp -- what others may have put there is a miss, never a failure.
#include <unistd.h>

#include "tests/runtime/kernel_cache_fixture.h"
#include "tests/support/unprivileged.h"

namespace heddle {
namespace {

class kernel_cache_distrust : public test::KernelCacheFixture {};

TEST_F(kernel_cache_distrust, a_symbolic_link) {
    const auto moved = folder_.path() / "moved";
    std::filesystem::rename(file_, moved);
    std::filesystem::create_symlink(moved, file_);
    EXPECT_EQ(cache_.load("key"), std::nullopt);
    const auto link = folder_.path() / "link";
    std::filesystem::create_directory_symlink(folder_.path(), link);
    EXPECT_FALSE(KernelCache(link).store("key", payload_));
    EXPECT_EQ(KernelCache(link).load("key"), std::nullopt);
}

// Only what the link leads to counts where it is part of the way there: the user's home may be one.
TEST_F(kernel_cache_distrust, a_symbolic_link_on_the_way) {
    const auto real = folder_.path() / "real", link = folder_.path() / "link";
    ASSERT_TRUE(KernelCache(real / "cache").store("key", payload_));
    std::filesystem::create_directory_symlink(real, link);
    EXPECT_EQ(KernelCache(link / "cache").load("key"), payload_);
    ASSERT_EQ(chmod((real / "cache").c_str(), 0777), 0);  // others could have put it there
    EXPECT_EQ(KernelCache(link / "cache").load("key"), std::nullopt);
    std::filesystem::remove(link);
    std::filesystem::create_directory_symlink(folder_.path() / "nowhere", link);
    EXPECT_EQ(KernelCache(link / "cache").load("key"), std::nullopt);
    EXPECT_FALSE(KernelCache(link / "cache").store("key", payload_));
}

TEST_F(kernel_cache_distrust, a_pipe_or_a_folder_in_place_of_the_file) {
    std::filesystem::remove(file_);
    ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
    EXPECT_EQ(cache_.load("key"), std::nullopt);
    std::filesystem::remove(file_);
    std::filesystem::create_directory(file_);
    EXPECT_EQ(cache_.load("key"), std::nullopt);
    EXPECT_FALSE(cache_.store("key", payload_));
}

TEST_F(kernel_cache_distrust, a_file_or_folder_that_others_may_write) {
    for (mode_t mode : {0620, 0602}) {
        ASSERT_EQ(chmod(file_.c_str(), mode), 0);
        EXPECT_EQ(cache_.load("key"), std::nullopt) << mode;
    }
    ASSERT_EQ(chmod(file_.c_str(), 0600), 0);
    for (mode_t mode : {0770, 0707, 01777}) {
        ASSERT_EQ(chmod(folder_.path().c_str(), mode), 0);
        EXPECT_EQ(cache_.load("key"), std::nullopt) << mode;
        EXPECT_FALSE(cache_.store("key", payload_)) << mode;
    }
    ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
    EXPECT_EQ(cache_.load("key"), payload_);
}

TEST_F(kernel_cache_distrust, a_file_of_another_user) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    ASSERT_EQ(chown(file_.c_str(), 12345, 12345), 0);
    EXPECT_EQ(cache_.load("key"), std::nullopt);
}

TEST_F(kernel_cache_distrust, a_folder_that_cannot_be_written) {
    ASSERT_EQ(chmod(folder_.path().c_str(), 0500), 0);
    {
        const test::Unprivileged unprivileged(folder_.path());
        EXPECT_EQ(cache_.load("key"), payload_);
        EXPECT_FALSE(cache_.store("new", payload_));
        EXPECT_EQ(cache_.load("new"), std::nullopt);
    }
    EXPECT_FALSE(KernelCache("/proc/heddle").store("key", payload_));
    EXPECT_EQ(KernelCache("/proc/heddle").load("key"), std::nullopt);
    EXPECT_FALSE(KernelCache(file_).store("key", payload_));  // a file in place of the folder
}

}  // namespace
}  // namespace heddle
