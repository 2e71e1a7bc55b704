// tests/runtime/buffer_values_test.cpp -- filling, poisoning and random values of each type, through strides too.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "runtime/buffer.h"
#include "tests/support/print_values.h"

namespace heddle {
namespace {

using Index = std::vector<std::int64_t>;

class buffer_values : public testing::TestWithParam<ScalarType> {};

TEST_P(buffer_values, fill_and_poison) {
    const Buffer buffer(GetParam(), {3, 5});
    buffer.fill(1);
    for_each_index(buffer.shape(), [&](const Index& i) { EXPECT_EQ(buffer.get(i), 1); });
    buffer.poison();
    const auto* bytes = static_cast<const std::uint8_t*>(buffer.data());
    for_each_index(buffer.shape(), [&](const Index& i) {
        if (is_float(GetParam()))
            EXPECT_TRUE(std::isnan(buffer.get(i)));
        else
            EXPECT_EQ(bytes[buffer.offset(i) * bytes_of(GetParam())], 0xA5);
    });
}

TEST_P(buffer_values, random_values_stay_in_range) {
    const Buffer buffer(GetParam(), {100, 100});
    for (bool integers : {false, true}) {
        buffer.fill_random(7, integers);
        std::set<double> seen;
        for_each_index(buffer.shape(), [&](const Index& i) { seen.insert(buffer.get(i)); });
        if (is_float(GetParam()) && !integers) {
            EXPECT_GE(*seen.begin(), -0.5);
            EXPECT_LT(*seen.rbegin(), 0.5);
            EXPECT_GT(seen.size(), 300u);
        } else if (GetParam() == boolean) {
            EXPECT_EQ(seen, (std::set<double>{0, 1}));
        } else if (is_signed(GetParam())) {
            EXPECT_EQ(seen, (std::set<double>{-3, -2, -1, 0, 1, 2, 3}));
        } else {
            EXPECT_EQ(seen, (std::set<double>{0, 1, 2, 3}));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(types, buffer_values,
                         testing::Values(f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, boolean),
                         [](const auto& type) { return std::string(name_of(type.param)); });

TEST(buffer_value, random_depends_on_seed_and_index_alone) {
    const Buffer rows(f32, {4, 6}), columns = Buffer(f32, {6, 4}).permuted({1, 0}), other(f32, {4, 6});
    rows.fill_random(1);
    columns.fill_random(1);
    other.fill_random(2);
    int equal = 0;
    for_each_index(rows.shape(), [&](const Index& i) {
        EXPECT_EQ(rows.get(i), columns.get(i));
        equal += rows.get(i) == other.get(i) ? 1 : 0;
    });
    EXPECT_EQ(equal, 0);
}

TEST(buffer_value, gaps_between_the_rows_are_not_touched) {
    std::array<float, 6> memory = {1, 1, 1, 1, 1, 1};
    Buffer(f32, {2, 2}, memory.data(), {3, 1}).fill(0);
    EXPECT_EQ(memory, (std::array<float, 6>{0, 0, 1, 0, 0, 1}));
}

TEST(buffer_value, set_converts) {
    const Buffer bytes(u8, {1}), flags(boolean, {1}), wide(i64, {1});
    bytes.set({0}, 258.7);
    EXPECT_EQ(bytes.get({0}), 2);
    bytes.set({0}, std::nan(""));
    EXPECT_EQ(bytes.get({0}), 0);
    flags.set({0}, 0.25);
    EXPECT_EQ(flags.get({0}), 1);
    wide.set({0}, 1e300);
    EXPECT_EQ(wide.as<std::int64_t>()[0], std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace heddle
