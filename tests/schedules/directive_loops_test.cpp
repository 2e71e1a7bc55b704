// tests/schedules/directive_loops_test.cpp -- split, fuse, reorder, tile: legal and illegal ones, and what they make.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

class Loops : public ::testing::TestWithParam<RefusalCase> {};
TEST_P(Loops, AcceptedOrRefusedWithReason) { expect_case(conv_relu, GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Split, Loops,
    ::testing::Values(RefusalCase{"y: split(q, 14)", "accepted"}, RefusalCase{"y: split(q, 100)", "accepted"},
                      RefusalCase{"y: split(q, 0)", "y: split(q, 0): the factor must be at least 1"},
                      RefusalCase{"y: split(qo, 4)", "no loop 'qo' in y.1; its loops are n, k, p, q, c, r, s; did you"},
                      RefusalCase{"y: split(q, 4) split(q, 2)", "did you mean 'q.o'?"},
                      RefusalCase{"y: split(q)", "the argument 'factor' is missing; it is split(loop, factor, tail="},
                      RefusalCase{"y: split(q, 4, tial=peel)", "there is no argument 'tial'"},
                      RefusalCase{"y: split(q, four)", "the factor must be an integer, not 'four'"},
                      RefusalCase{"y: split(q, 4, tail=peal)", "'peal' is no tail; there are guard, peel, shrink"},
                      RefusalCase{"y: split(q, 9, tail=shrink)", "accepted"},
                      RefusalCase{"y: split(c, 9, tail=shrink)", "would count some points of c twice"},
                      RefusalCase{"y: reorder(c, r, s, q) unroll(c, 4) split(c, 4)", "c is unrolled already"},
                      RefusalCase{"y: accumulate_in(registers, q) split(q, 4)", "accumulate_in is attached to it"},
                      RefusalCase{"a: split(q, 4)", "there is no stage 'a'; there are y.0, y.1, z.0"},
                      RefusalCase{"y.0: split(k, 4)", "y.0 is where y.1 starts from and takes its loops"}));

INSTANTIATE_TEST_SUITE_P(
    Align, Loops,
    ::testing::Values(RefusalCase{"y: align(q, y, 8)", "accepted"},
                      RefusalCase{"y: align(q, y, 6)", "elements must be a power of two from 2 to 64, not 6"},
                      RefusalCase{"y: align(p, y, 4)", "p does not step through y element by element"},
                      RefusalCase{"y: align(k, x, 4)", "k does not step through x"},
                      RefusalCase{"y: align(q, v, 4)", "y.1 does not read 'v'; it reads x, w"},
                      RefusalCase{"y: unroll(s) align(s, w, 4)", "s is unrolled already: align comes before that"}));

TEST(Align, LoopsStartAtTheMultipleBeforeARow) {
    const char* odd_rows = "x: f32[9,101]\ny[n,c] = x[n,c] * 2.0";
    const LoopNest nest = nest_of(odd_rows, "y: align(c, x, 4)");
    const StageNest& stage = *nest.find("y.0");
    EXPECT_TRUE(is_const(stage.loops[1].extent, 104));
    ASSERT_EQ(stage.guards.size(), 2u);
    EXPECT_EQ(print(stage.guards[0].condition), "0 <= c - n % 4");
    EXPECT_EQ(nest_of(odd_rows, "y: split(c, 4)").find("y.0")->guards.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    FuseReorderTile, Loops,
    ::testing::Values(RefusalCase{"y: fuse({n, k}, nk)", "accepted"},
                      RefusalCase{"y: fuse({n, p}, np)", "p must lie directly inside n; the loops are n, k, p, q"},
                      RefusalCase{"y: fuse({q, c}, qc)", "c is reduced and q is not"},
                      RefusalCase{"y: fuse({n, k}, p)", "there is a loop 'p' in y.1 already"},
                      RefusalCase{"y: fuse({n}, m)", "two loops or more"}, RefusalCase{"y: reorder(k, n)", "accepted"},
                      RefusalCase{"y: reorder(k, n, k)", "k is named twice"},
                      RefusalCase{"y: reorder()", "no loops are named; those of y.1 are n, k, p, q, c, r, s"},
                      RefusalCase{"y: tile({p, q}, {8, 14})", "accepted"},
                      RefusalCase{"y: tile({p, q}, {8})", "2 loops and 1 factors"},
                      RefusalCase{"y: unrol(q)", "there is no directive 'unrol'; did you mean 'unroll'?"}));

std::vector<std::string> loops(const std::string& schedule) {
    std::vector<std::string> names;
    const LoopNest nest = nest_of(conv_relu, schedule);
    for (const Loop& loop : nest.find("y.1")->loops) names.push_back(loop.name());
    return names;
}

TEST(LoopsMade, KeepTheirPlaces) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(loops("y: split(k, 32) reorder(s, c)"), (Names{"n", "k.o", "k.i", "p", "q", "s", "r", "c"}));
    EXPECT_EQ(loops("y: tile({p, q}, {8, 14})"), (Names{"n", "k", "p.o", "q.o", "p.i", "q.i", "c", "r", "s"}));
    EXPECT_EQ(loops("y: fuse({p, q}, pq) reorder(c, r, s)"), (Names{"n", "k", "pq", "c", "r", "s"}));
}

TEST(LoopsMade, AFactorPastTheExtentGivesOneOuterIteration) {
    const LoopNest nest = nest_of(conv_relu, "y: split(q, 100)");
    const StageNest& stage = *nest.find("y.1");
    EXPECT_TRUE(is_const(stage.loops[3].extent, 1));
    EXPECT_TRUE(is_const(stage.loops[4].extent, 56));
    EXPECT_TRUE(stage.guards.empty());
}

}  // namespace
}  // namespace heddle::test
