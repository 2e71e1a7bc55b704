// tests/runtime/kernel_cache_round_trip_test.cpp -- what is stored is found again, by this process and by others.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/kernel_cache.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

std::vector<std::byte> payload_of(std::size_t size, int value) {
    return std::vector<std::byte>(size, static_cast<std::byte>(value));
}

TEST(kernel_cache_round_trip, payloads_come_back) {
    const test::TemporaryFolder folder;
    const KernelCache cache(folder.path());
    EXPECT_EQ(cache.load("a"), std::nullopt);
    for (std::size_t size : {0, 1, 15, 16, 17, 100000}) {
        EXPECT_TRUE(cache.store("a", payload_of(size, 7)));
        EXPECT_EQ(cache.load("a"), payload_of(size, 7)) << size;
    }
    EXPECT_EQ(cache.load("b"), std::nullopt);
    EXPECT_EQ(KernelCache(folder.path()).load("a"), payload_of(100000, 7));
}

TEST(kernel_cache_round_trip, no_folder_is_no_cache) {
    const KernelCache cache(std::nullopt);
    EXPECT_FALSE(cache.store("a", payload_of(1, 1)));
    EXPECT_EQ(cache.load("a"), std::nullopt);
}

TEST(kernel_cache_round_trip, folders_are_made_for_the_user_alone) {
    const test::TemporaryFolder folder;
    const KernelCache cache(folder.path() / "x" / "y");
    EXPECT_TRUE(cache.store("a", payload_of(1, 1)));
    struct stat status {};
    ASSERT_EQ(stat((folder.path() / "x").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
    ASSERT_EQ(stat((folder.path() / "x" / "y" / (hash_text("a") + ".bin")).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077, 0u);
}

TEST(kernel_cache_round_trip, two_processes_share_it) {
    const test::TemporaryFolder folder;
    const KernelCache cache(folder.path());
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    // Both write the same key again and again; a reader sees one payload or the other, whole.
    const int value = child == 0 ? 1 : 2;
    bool good = true;
    for (int i = 0; i < 50; ++i) {
        good = good && cache.store("shared", payload_of(5000, value));
        const auto found = cache.load("shared");
        good = good && (found == payload_of(5000, 1) || found == payload_of(5000, 2));
    }
    if (child == 0) _exit(good ? 0 : 1);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_TRUE(good);
    const std::filesystem::directory_iterator files(folder.path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);  // no temporary file is left
}

TEST(kernel_cache_round_trip, hashes_are_stable) {
    EXPECT_EQ(hash_text(""), "00000000000000000000000000000000");
    EXPECT_EQ(hash_text("The quick brown fox jumps over the lazy dog"), "e34bbc7bbc071b6c7a433ca9c49a9347");
    EXPECT_NE(hash_text("a"), hash_text("b"));
}

}  // namespace
}  // namespace heddle
