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
