// tests/runtime/kernel_cache_fixture.h -- a kernel cache with one entry, for tests that spoil it.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "runtime/kernel_cache.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {

/// A cache in a folder of its own that holds 40 bytes under "key", in `file_`.
class KernelCacheFixture : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(chmod(folder_.path().c_str(), 0700), 0);
        ASSERT_TRUE(cache_.store("key", payload_));
        ASSERT_EQ(cache_.load("key"), payload_);
    }
    const TemporaryFolder folder_;
    const KernelCache cache_{folder_.path()};
    const std::vector<std::byte> payload_ = std::vector<std::byte>(40, std::byte{9});
    const std::filesystem::path file_ = folder_.path() / (hash_text("key") + ".bin");
};

}  // namespace heddle::test
