// tests/schedules/directive_kinds_test.cpp -- unroll, vectorize, parallel, partition, clip: legal and illegal ones.
#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

class Kinds : public ::testing::TestWithParam<RefusalCase> {};
TEST_P(Kinds, AcceptedOrRefusedWithReason) { expect_case(conv_relu, GetParam()); }

#define INNER "y: split(k, 32) reorder(n, k.o, p, q, c, r, s, k.i) "

INSTANTIATE_TEST_SUITE_P(
    Unroll, Kinds,
    ::testing::Values(RefusalCase{"y: unroll(s)", "accepted"}, RefusalCase{"y: unroll(c, 4)", "accepted"},
                      RefusalCase{"y: reorder(k, c)  reorder(r, s, c, k) unroll(k)",
                                  "k has 128 iterations and at most 64"},
                      RefusalCase{"y: unroll(r)", "unroll(r): the serial loop s lies inside it"},
                      RefusalCase{"y: unroll(c, 65)", "the factor must lie in 1 to 64, not 65"},
                      RefusalCase{"y: split(q, 14) reorder(c, r, s, q.i) unroll(r) unroll(s) unroll(q.i)", "accepted"},
                      RefusalCase{"y: split(q, 30) reorder(c, r, s, q.i) unroll(r) unroll(s) unroll(q.i)",
                                  "270 statements in line in y.1 (3 of r x 3 of s x 30 of q.i)"}));

INSTANTIATE_TEST_SUITE_P(
    Vectorize, Kinds,
    ::testing::Values(RefusalCase{INNER "vectorize(k.i)", "accepted"},
                      RefusalCase{"y: vectorize(q)", "a vector loop is innermost, and s lies inside it"},
                      RefusalCase{"y: reorder(c, r, s, k) vectorize(k)",
                                  "k has 128 iterations and a vector loop at most 64"},
                      RefusalCase{INNER "vectorize(k.i) vectorize(s)", "k.i is vectorized already"},
                      RefusalCase{"y: vectorize(s)", "accepted"}));

INSTANTIATE_TEST_SUITE_P(
    Parallel, Kinds,
    ::testing::Values(
        RefusalCase{"y: parallel(n)", "accepted"}, RefusalCase{"y: parallel(k)", "accepted"},
        RefusalCase{"y: parallel(c)", "c is reduced: its iterations would race for the same elements of y"},
        RefusalCase{"y: parallel(n) parallel(k)", "fuse({n, k}, ...) first"},
        RefusalCase{"y: accumulate_in(stack, n) parallel(p)", "the accumulator of y.1 lives outside of it (in n)"},
        RefusalCase{"y: split(p, 9, tail=shrink) parallel(p.o)", "its last iterations overlap"},
        RefusalCase{"y: parallel(n)", "bind(loop, block_x) or work(grid, {loops})", "cuda:sm_80"}));

INSTANTIATE_TEST_SUITE_P(
    PartitionClip, Kinds,
    ::testing::Values(
        RefusalCase{"y: partition(q)", "accepted"},
        RefusalCase{INNER "vectorize(k.i) partition(k.i)", "k.i is vectorized: its iterations are one piece"},
        RefusalCase{"y: partition(n) partition(k) partition(p) partition(q)", "4 loops of y.1 are partitioned"},
        RefusalCase{"y: clip(r)", "accepted"}, RefusalCase{"y: clip(r) clip(s)", "accepted"},
        RefusalCase{"y: clip(q)", "q is not reduced"},
        RefusalCase{"y: clip(c)", "no point of y.1 takes no part because of c"},
        RefusalCase{"y: reorder(r, n) reorder(r, k, p, q, n) accumulate_in(registers, n) clip(r)",
                    "lies outside of the accumulator of y.1, which starts at r = 0"},
        RefusalCase{"y: unroll(s) clip(s)", "s is unrolled"},
        RefusalCase{"y: fuse({r, s}, rs) clip(rs)", "need not be one range"}));

TEST(ReducedLanes, ArePartialResultsOfSumsAlone) {
    const std::string argmax = "x: f32[8,64]\ny: i32[8]\ny[n] argmax= x[n,c]\n";
    EXPECT_EQ(refusal_of("x: f32[8,64]\ny[n] max= x[n,c]\n", "vectorize(c)"), "accepted");
    expect_case(argmax, {"vectorize(c)", "lanes keep partial results of +=, *=, max= and min= alone, not of argmax="});
}

TEST(ComputedLeftIndices, RunAtOnceOnlyOverBareVariables) {
    expect_case(scatter, {"parallel(n)", "accepted"});
    expect_case(scatter, {"fuse({n, k}, nk) parallel(nk)", "accepted"});
    expect_case(scatter, {"parallel(p)", "iterations of p may update the same element"});
    expect_case(scatter, {"reorder(c, q) vectorize(q)", "iterations of q may update the same element"});
    expect_case(scatter, {"reorder(p, q, r, s, c) vectorize(c)", "c is reduced and vectorized: its iterations update"});
}

TEST(RunTimeSizes, CannotBeUnrolledOrVectorized) {
    const std::string dynamic = "N in [1,4096]\nx: f32[N]\ny[n] = x[n] + 1.0\n";
    expect_case(dynamic, {"split(n, 16) vectorize(n.i)", "accepted"});
    expect_case(dynamic, {"vectorize(n)", "vectorize needs a constant extent, and that of n is N: split it first"});
    expect_case(dynamic, {"unroll(n)", "unroll needs a constant extent, and that of n is N"});
    expect_case(dynamic, {"split(n, 16, tail=shrink)", "needs an extent of at least the factor 16; that of n is N"});
}

}  // namespace
}  // namespace heddle::test
