// tests/runtime/element_access_test.cpp -- single elements: integers wrap, booleans become 0 or 1, wrong kinds are
// bugs.
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "runtime/error.h"
#include "runtime/type.h"

namespace heddle {
namespace {

std::int64_t stored(ScalarType type, std::int64_t value) {
    alignas(8) std::array<std::byte, 8> memory{};
    store_int(type, memory.data(), value);
    return load_int(type, memory.data());
}

TEST(element_access, integers_wrap) {
    EXPECT_EQ(stored(i8, 127), 127);
    EXPECT_EQ(stored(i8, 128), -128);
    EXPECT_EQ(stored(i8, -129), 127);
    EXPECT_EQ(stored(u8, -1), 255);
    EXPECT_EQ(stored(u8, 256), 0);
    EXPECT_EQ(stored(i16, 40000), 40000 - 65536);
    EXPECT_EQ(stored(u16, -1), 65535);
    EXPECT_EQ(stored(i32, std::int64_t{1} << 31), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(stored(i64, std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min());
}

TEST(element_access, booleans_are_0_or_1) {
    EXPECT_EQ(stored(boolean, 2), 1);
    EXPECT_EQ(stored(boolean, 256), 1);
    EXPECT_EQ(stored(boolean, 0), 0);
}

TEST(element_access, only_the_element_is_touched) {
    std::array<std::uint8_t, 4> memory = {9, 9, 9, 9};
    store_int(u8, &memory[1], 7);
    store_float(bf16, &memory[2], 1.0);  // 0x3f80, the low byte first
    EXPECT_EQ(memory, (std::array<std::uint8_t, 4>{9, 7, 0x80, 0x3f}));
}

TEST(element_access, floats_keep_what_they_can) {
    double memory = 0;
    store_float(f64, &memory, 0.1);
    EXPECT_EQ(load_float(f64, &memory), 0.1);
    store_float(f32, &memory, 0.1);
    EXPECT_EQ(load_float(f32, &memory), 0.1f);
}

TEST(element_access, the_wrong_kind_is_an_internal_error) {
    double memory = 0;
    EXPECT_THROW(load_float(i32, &memory), InternalError);
    EXPECT_THROW(store_float(boolean, &memory, 1), InternalError);
    EXPECT_THROW(load_int(f32, &memory), InternalError);
    EXPECT_THROW(store_int(bf16, &memory, 1), InternalError);
}

}  // namespace
}  // namespace heddle
