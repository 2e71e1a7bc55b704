// tests/runtime/kernel_cache_damage_test.cpp -- a damaged, cut or misplaced file is a miss, never a failure.
#include "tests/runtime/kernel_cache_fixture.h"

namespace heddle {
namespace {

class kernel_cache_damage : public test::KernelCacheFixture {};

TEST_F(kernel_cache_damage, any_damaged_byte) {
    const std::string whole = test::read_file(file_);
    ASSERT_EQ(whole.size(), 96u);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        test::write_file(file_, damaged);
        EXPECT_EQ(cache_.load("key"), std::nullopt) << i;
    }
    test::write_file(file_, whole);
    EXPECT_EQ(cache_.load("key"), payload_);
}

TEST_F(kernel_cache_damage, any_other_length) {
    const std::string whole = test::read_file(file_);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        test::write_file(file_, whole.substr(0, size));
        EXPECT_EQ(cache_.load("key"), std::nullopt) << size;
    }
    test::write_file(file_, whole + "x");
    EXPECT_EQ(cache_.load("key"), std::nullopt);
    EXPECT_TRUE(cache_.store("key", payload_));  // and it heals
    EXPECT_EQ(cache_.load("key"), payload_);
}

TEST_F(kernel_cache_damage, another_kernels_file_under_this_name) {
    ASSERT_TRUE(cache_.store("other", payload_));
    std::filesystem::rename(folder_.path() / (hash_text("other") + ".bin"), file_);
    EXPECT_EQ(cache_.load("key"), std::nullopt);
}

}  // namespace
}  // namespace heddle
