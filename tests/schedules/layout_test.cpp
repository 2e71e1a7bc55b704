// tests/schedules/layout_test.cpp -- strides, padding, and swizzles that permute bytes without conflicts.
#include "schedules/layout.h"

#include <gtest/gtest.h>

#include <set>

namespace heddle {
namespace {

TEST(Layout, RowMajorWithAndWithoutPadding) {
    EXPECT_EQ(Layout::row_major({4, 8}).text(), "[4,8]:[8,1]");
    EXPECT_EQ(Layout::row_major({2, 4, 8}, 1).text(), "[2,4,8]:[36,9,1]");
    EXPECT_EQ(Layout::row_major({4, 8}, 1).span(), 35);
    EXPECT_EQ(Layout::row_major({4, 8}, 1).bytes(2), 70);
    EXPECT_EQ(Layout::row_major({0, 8}).span(), 0);
    EXPECT_EQ(Layout::row_major({}).span(), 1);
}

// Rows of 8 in blocks of 4, the second block 100 elements on: every element has a place of its own, within the span.
TEST(Layout, InBlocksOfTheLastDimension) {
    Layout layout = Layout::row_major({4, 8});
    layout.strides = {4, 1};
    layout.block = 4;
    layout.block_stride = 100;
    EXPECT_EQ(layout.offset({0, 3}), 3);
    EXPECT_EQ(layout.offset({0, 4}), 100);
    EXPECT_EQ(layout.offset({3, 6}), 114);
    EXPECT_EQ(layout.span(), 116);
    std::set<std::int64_t> places;
    for (std::int64_t row = 0; row < 4; ++row)
        for (std::int64_t i = 0; i < 8; ++i) places.insert(layout.offset({row, i}));
    EXPECT_EQ(places.size(), 32u);
    EXPECT_EQ(*places.rbegin(), layout.span() - 1);
}

class Swizzled : public ::testing::TestWithParam<int> {};
TEST_P(Swizzled, PermutesUnitsAndSpreadsAColumn) {
    const Swizzle swizzle = {GetParam(), 4, 3};
    const int row = 128, rows = 8;
    std::set<std::int64_t> seen, banks;
    for (std::int64_t address = 0; address < row * rows; ++address) seen.insert(swizzle.apply(address));
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(row * rows));
    EXPECT_EQ(*seen.rbegin(), row * rows - 1);
    for (int r = 0; r < rows; ++r) banks.insert(swizzle.apply(r * row) % row / 16);
    EXPECT_EQ(banks.size(), std::size_t{1} << GetParam());
}
INSTANTIATE_TEST_SUITE_P(Bits, Swizzled, ::testing::Values(0, 1, 2, 3));

}  // namespace
}  // namespace heddle
