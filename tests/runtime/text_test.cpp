// tests/runtime/text_test.cpp -- numbers with units, joined names, and which names count as near.
#include "runtime/text.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

using Names = std::vector<std::string>;

TEST(text, seconds) {
    EXPECT_EQ(format_seconds(1.234e-3), "1.23 ms");
    EXPECT_EQ(format_seconds(0), "0 s");
    EXPECT_EQ(format_seconds(2.5e-10), "0.25 ns");
    EXPECT_EQ(format_seconds(999.9e-6), "1 ms");
    EXPECT_EQ(format_seconds(42e-9), "42 ns");
    EXPECT_EQ(format_seconds(7200), "7200 s");
}

TEST(text, bytes_and_counts) {
    EXPECT_EQ(format_bytes(6.4e6), "6.4 MB");
    EXPECT_EQ(format_bytes(512), "512 B");
    EXPECT_EQ(format_bytes(1000), "1 KB");
    EXPECT_EQ(format_count(1.85e9), "1.85 G");
    EXPECT_EQ(format_count(850), "850");
    EXPECT_EQ(format_count(999.6), "1 K");
    EXPECT_EQ(format_count(-2e6), "-2 M");
}

TEST(text, join) {
    EXPECT_EQ(join({}, ", "), "");
    EXPECT_EQ(join({"a"}, ", "), "a");
    EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
}

TEST(text, nearest_names_first) {
    EXPECT_EQ(nearest_names("paralel", {"unroll", "parallel", "vectorize"}), Names{"parallel"});
    EXPECT_EQ(nearest_names("vectorise", {"vectorize", "vectorized"}), (Names{"vectorize", "vectorized"}));
    EXPECT_EQ(nearest_names("tiel", {"tile", "split"}), Names{"tile"});  // a swap counts once
    EXPECT_EQ(nearest_names("TILE", {"tile"}), Names{"tile"});
}

TEST(text, far_names_are_not_near) {
    EXPECT_EQ(nearest_names("reorder", {"split", "fuse"}), Names{});
    EXPECT_EQ(nearest_names("x", {"y", "z"}), Names{});
    EXPECT_EQ(nearest_names("", {"y"}), Names{});
    EXPECT_EQ(nearest_names("unrol", {"unroll", "unrol1", "unrol2", "unrol3"}).size(), 3u);
}

}  // namespace
}  // namespace heddle
