// tests/codegen/boundary_test.cpp -- reads past the edge, in one to four dimensions.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

// y[..] op sum over a window of every dimension, under a boundary.
std::string window_text(const std::string& mode, int rank, const std::string& op) {
    const char* variables[] = {"a", "b", "c", "d"};
    const char* offsets[] = {"e", "f", "g", "h"};
    std::string shape, left, read, extents;
    for (int d = 0; d < rank; ++d) {
        const char* comma = d ? "," : "";
        shape += fmt::format("{}{}", comma, d + 1 == rank ? 19 : 4 + d);
        left += std::string(comma) + variables[d];
        read += fmt::format("{}{}+2*{}-2", comma, variables[d], offsets[d]);
        extents += fmt::format(" {}<3", offsets[d]);
    }
    const std::string x = mode == "constant" ? "constant(x, 2.0)" : mode + "(x)";
    return fmt::format("x: f32[{0}]\ny: f32[{0}]\ny[{1}] {2} {3}[{4}] |{5}", shape, left, op, x, read, extents);
}

class BoundaryOf : public testing::TestWithParam<std::tuple<const char*, int>> {};

TEST_P(BoundaryOf, Windows) {
    const auto [mode, rank] = GetParam();
    const std::string last(1, "abcd"[rank - 1]);
    for (const char* op : {"+=", "max="}) {
        const Compiled compiled(window_text(mode, rank, op));
        EXPECT_EQ(compiled.difference(), "");
        const std::string inner = std::string(1, "efgh"[rank - 1]);
        EXPECT_EQ(compiled.difference(fmt::format("y.0: split({0}, 8, tail=peel) reorder({0}.o, {1}, {0}.i) "
                                                  "vectorize({0}.i) partition({0}.o)",
                                                  last, inner)),
                  "");
        EXPECT_EQ(compiled.difference(fmt::format("y.0: unroll({})", inner), Target::parse("host:avx2")), "");
    }
}
INSTANTIATE_TEST_SUITE_P(
    All, BoundaryOf,
    testing::Combine(testing::Values("zero", "constant", "replicate", "reflect", "symmetric", "circular", "skip"),
                     testing::Range(1, 5)),
    [](const auto& info) { return fmt::format("{}_{}d", std::get<0>(info.param), std::get<1>(info.param)); });

class ClippedAndPartitioned : public testing::TestWithParam<std::tuple<int, int, int>> {};

TEST_P(ClippedAndPartitioned, OnOddSizes) {
    const auto [size, stride, padding] = GetParam();
    const int outputs = (size + 2 * padding - 3) / stride + 1;
    const Compiled compiled(
        fmt::format("x: f32[3,{0},4]; w: f32[3,4,5]; y: f32[3,{1},5]\n"
                    "y[n,p,k] += zero(x)[n,{2}*p+r-{3},c] * w[r,c,k]",
                    size, outputs, stride, padding));
    EXPECT_EQ(compiled.difference("y.0: clip(r)"), "");
    EXPECT_EQ(compiled.difference("y.0: partition(p)"), "");
    EXPECT_EQ(compiled.difference("y.0: split(p, 4, tail=peel) reorder(n, p.o, r, c, k, p.i) unroll(p.i) clip(r)"), "");
    EXPECT_EQ(compiled.difference("y.0: fuse({n, p}, m) reorder(m, r, c, k) vectorize(k) clip(r) parallel(m)"), "");
}
INSTANTIATE_TEST_SUITE_P(Sizes, ClippedAndPartitioned,
                         testing::Values(std::tuple(7, 1, 1), std::tuple(9, 2, 2), std::tuple(11, 3, 1),
                                         std::tuple(3, 1, 2), std::tuple(1, 1, 1), std::tuple(13, 2, 1)));

}  // namespace
}  // namespace heddle::test
