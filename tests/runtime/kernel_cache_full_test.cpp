// tests/runtime/kernel_cache_full_test.cpp -- a full disk, and a process that is killed while it writes.
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/runtime/kernel_cache_fixture.h"

namespace heddle {
namespace {

class kernel_cache_full : public test::KernelCacheFixture {
protected:
    std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) ++count;
        return count;
    }
};

TEST_F(kernel_cache_full, what_does_not_fit_is_not_stored_and_leaves_nothing) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const rlimit limit{1000, 1000};  // bytes a file: writes past it fail, as on a full disk
        setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, SIG_IGN);
        const std::vector<std::byte> large(5000, std::byte{1});
        const bool refused = !cache_.store("large", large) && !cache_.store("key", large);
        _exit(refused && cache_.load("large") == std::nullopt && cache_.load("key") == payload_ ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(cache_.load("key"), payload_);
    EXPECT_EQ(files(), 1u);
}

TEST_F(kernel_cache_full, a_writer_that_is_killed_leaves_the_old_or_the_new) {
    const std::vector<std::byte> other(1 << 20, std::byte{7});
    for (int repeat = 0; repeat < 10; ++repeat) {
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0)
            for (bool first = true;; first = !first) cache_.store("key", first ? other : payload_);
        usleep(static_cast<useconds_t>(1500 * repeat));
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        const auto found = cache_.load("key");
        ASSERT_TRUE(found.has_value()) << repeat;
        EXPECT_TRUE(*found == payload_ || *found == other) << repeat;
    }
}

}  // namespace
}  // namespace heddle
