// tests/tools/pictures_test.cpp -- charts, sheets and PNG files: what is drawn where.
#include <gtest/gtest.h>

#include <cmath>

#include "support/contact_sheet.h"
#include "support/line_chart.h"
#include "tests/support/error_text.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

using support::Picture;

constexpr support::Rgb red{255, 0, 0};

/// Points of this colour, and the rectangle that holds them.
struct Found {
    int count = 0, left = 1 << 20, right = -1, top = 1 << 20, bottom = -1;
};
Found find(const Picture& picture, support::Rgb colour) {
    Found found;
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x) {
            const std::uint8_t* pixel = &picture.pixels[(static_cast<std::size_t>(y) * picture.width + x) * 3];
            if (pixel[0] != colour.red || pixel[1] != colour.green || pixel[2] != colour.blue) continue;
            ++found.count;
            found.left = std::min(found.left, x);
            found.right = std::max(found.right, x);
            found.top = std::min(found.top, y);
            found.bottom = std::max(found.bottom, y);
        }
    return found;
}

TEST(Pictures, AChartHoldsAllItsFinitePoints) {
    const std::vector<support::Curve> curves{{{0, 1, 2, 3}, {4, NAN, INFINITY, 0}, red, ""}};
    const Found found = find(support::line_chart("", "", curves, 300, 200), red);
    EXPECT_GT(found.count, 100);
    EXPECT_EQ(found.left, 56);
    EXPECT_EQ(found.right, 300 - 16);
    EXPECT_EQ(found.top, 36);
    EXPECT_EQ(found.bottom, 200 - 36);
}

TEST(Pictures, AChartOfNothingIsAFrame) {
    EXPECT_EQ(find(support::line_chart("title", "x", {{{}, {}, red, ""}}), red).count, 0);
    EXPECT_EQ(find(support::line_chart("", "", {{{1}, {NAN}, red, ""}}), red).count, 0);
}

TEST(Pictures, CaptionsAreWrittenOverTheLowerEdgeOfTheirImage) {
    Buffer white(f32, {2, 2});
    white.fill(1);
    support::SheetColumn column{"", {white, white}, support::Palette::grey, {"", "I"}};
    const auto letters = [&] { return find(support::contact_sheet({column}, {"", ""}, 40), support::ink); };
    EXPECT_EQ(letters().count, 11);  // the letter I: two bars of three points, five points between
    EXPECT_GT(letters().top, 22 + 46);
    column.captions.clear();
    EXPECT_EQ(letters().count, 0);
}

TEST(Pictures, AFileThatCannotBeWrittenIsNamed) {
    const TemporaryFolder folder;
    const Picture picture = support::line_chart("", "", {});
    support::write_png(folder.path() / "chart.png", picture);
    EXPECT_GT(std::filesystem::file_size(folder.path() / "chart.png"), 100U);
    expect_refusal([&] { support::write_png(folder.path() / "absent" / "chart.png", picture); }, "cannot be written");
}

}  // namespace
}  // namespace heddle::test
