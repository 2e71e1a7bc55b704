// tests/runtime/half_rounding_test.cpp -- f16 and bf16: to nearest, ties to even, with subnormals, overflow and NaN.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "runtime/type.h"

namespace heddle {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

struct Rounding {
    float value;
    std::uint16_t bits;
};

TEST(half_rounding, f16_known_values) {
    // clang-format off
    const Rounding cases[] = {
        {0.0f, 0x0000}, {-0.0f, 0x8000}, {1.0f, 0x3c00}, {-2.0f, 0xc000}, {0x1.554p-2f, 0x3555},
        {65504.0f, 0x7bff}, {65519.0f, 0x7bff}, {65520.0f, 0x7c00}, {-65520.0f, 0xfc00}, {infinity, 0x7c00},
        {-infinity, 0xfc00}, {1e30f, 0x7c00}, {1 + 0x1p-11f, 0x3c00}, {1 + 3 * 0x1p-11f, 0x3c02},
        {1 + 0x1.002p-11f, 0x3c01}, {2 - 0x1p-11f, 0x4000}, {0x1p-14f, 0x0400}, {0x1p-24f, 0x0001},
        {0x1p-25f, 0x0000}, {0x1.8p-25f, 0x0001}, {0x1.000002p-25f, 0x0001}, {3 * 0x1p-25f, 0x0002},
        {0x1p-26f, 0x0000}, {0x1.ffbp-15f, 0x03ff}, {0x1.ffcp-15f, 0x0400}, {1e-40f, 0x0000},
        {-0x1p-24f, 0x8001},
    };
    // clang-format on
    for (const Rounding& c : cases) EXPECT_EQ(f16_bits(c.value), c.bits) << std::hexfloat << c.value;
}

TEST(half_rounding, bf16_known_values) {
    // clang-format off
    const Rounding cases[] = {
        {1.0f, 0x3f80}, {1 + 0x1p-8f, 0x3f80}, {1 + 3 * 0x1p-8f, 0x3f82}, {1 + 0x1.01p-8f, 0x3f81},
        {infinity, 0x7f80}, {-infinity, 0xff80}, {std::numeric_limits<float>::max(), 0x7f80},
        {0x1.fep127f, 0x7f7f}, {0x1p-133f, 0x0001}, {0x1p-134f, 0x0000}, {3 * 0x1p-134f, 0x0002},
        {-0.0f, 0x8000},
    };
    // clang-format on
    for (const Rounding& c : cases) EXPECT_EQ(bf16_bits(c.value), c.bits) << std::hexfloat << c.value;
}

TEST(half_rounding, every_pattern_comes_back) {
    for (std::uint32_t i = 0; i < 0x10000; ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        if (std::isnan(f16_value(bits)))
            EXPECT_TRUE(std::isnan(f16_value(f16_bits(f16_value(bits))))) << i;
        else
            EXPECT_EQ(f16_bits(f16_value(bits)), bits);
        if (std::isnan(bf16_value(bits)))
            EXPECT_TRUE(std::isnan(bf16_value(bf16_bits(bf16_value(bits))))) << i;
        else
            EXPECT_EQ(bf16_bits(bf16_value(bits)), bits);
    }
}

TEST(half_rounding, nan_stays_nan_even_when_its_high_bits_are_clear) {
    const float low = std::bit_cast<float>(0x7f800001u);
    EXPECT_TRUE(std::isnan(f16_value(f16_bits(low))));
    EXPECT_TRUE(std::isnan(bf16_value(bf16_bits(-low))));
}

TEST(half_rounding, a_double_is_rounded_once) {
    // Just above a tie of f16: by way of f32 it would fall on the tie, and from there to even.
    std::uint16_t bits = 0;
    store_float(f16, &bits, 1 + 0x1p-11 + 0x1p-40);
    EXPECT_EQ(bits, 0x3c01);
    store_float(bf16, &bits, 1 + 0x1p-8 + 0x1p-40);
    EXPECT_EQ(bits, 0x3f81);
    EXPECT_EQ(load_float(bf16, &bits), 1 + 0x1p-7);
}

}  // namespace
}  // namespace heddle
