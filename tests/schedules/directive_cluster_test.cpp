// tests/schedules/directive_cluster_test.cpp -- reductions across clusters and flat spans: legal and illegal ones.
#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

const char* const hopper = "cuda:sm_90";
const std::string rows = "x: f32[6,1000]\ny[n] += x[n,c]\n";
const std::string softmax =
    "x: f32[6,1000]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]\n";
const std::string planes = "x: f32[2,8,7,7]\ny: f32[2,8,7,7]\nr < 3\ns < 3\ny[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1]\n";

#define BLOCK "split(c, 4) bind(n, block_y) bind(c.o, block_x) bind(c.i, thread_z) bind(p, thread_y) bind(q, thread_x) "

TEST(Cluster, BlocksHoldPartsThatAreCombined) {
    expect_case(rows, {"split(c, 250) bind(c.o, cluster) reduce_across(cluster)", "accepted", hopper});
    expect_case(rows,
                {"split(c, 250) bind(c.o, cluster) bind(c.i, thread_x) reduce_across(cluster)", "accepted", hopper});
    expect_case(rows, {"split(c, 250) bind(c.o, cluster)", "its blocks hold parts of y that nothing combines", hopper});
    expect_case(rows, {"split(c, 250) bind(c.o, cluster) bind(c.i, thread_x) reduce_across(threads)",
                       "reduce_across(cluster) does", hopper});
    expect_case(rows,
                {"bind(n, cluster) reduce_across(cluster)", "no reduced loop of y.0 is bound to cluster", hopper});
    expect_case(rows,
                {"split(c, 100) bind(c.o, cluster)", "c.o has 10 iterations and cluster takes at most 8", hopper});
    expect_case(rows, {"split(c, 250) bind(c.o, cluster)", "clusters are of compute capability 90", "cuda:sm_80"});
    expect_case(rows, {"split(c, 250) bind(c.o, cluster) reduce_across(cluster) accumulate_in(registers, c.o)",
                       "c.o lies outside of the accumulator of y.0", hopper});
}

TEST(Cluster, LiesAlongOneAxisOfTheGrid) {
    expect_case(softmax, {"y: split(c, 250) bind(c.o, cluster); s: compute_at(y, n) split(c, 500) bind(c.o, cluster) "
                          "reduce_across(cluster)",
                          "all loops bound to it must have as many", hopper});
    expect_case("x: f32[2,3,4,100]\ny[a,b,c] += x[a,b,c,d]\n",
                {"bind(a, block_x) bind(b, block_y) bind(c, block_z) split(d, 50) bind(d.o, cluster) "
                 "reduce_across(cluster)",
                 "block_x, block_y and block_z are all bound", hopper});
    expect_case(
        "x: f32[64,64]\nw: f32[64,64]\ny[m,n] += x[m,k] * w[n,k]\n",
        {"work(grid, {m}) split(n, 8) bind(n.o, cluster)", "blocks of y.0 are handed their tiles", "cuda:sm_90"});
}

TEST(FlatSpan, IsContiguous) {
    expect_case(planes, {BLOCK "cache_in(x, shared, c.o, flat_span)", "accepted", hopper});
    expect_case(planes, {BLOCK "cache_in(x, shared, c.o, flat_span)", "accepted", "cuda:sm_80"});
    expect_case(planes, {"bind(n, block_x) split(q, 4) reorder(n, q.o, c, p, q.i) cache_in(x, shared, q.o, flat_span)",
                         "dimension 3 is taken in part, and 8 of dimension 1 with it", hopper});
    expect_case(planes, {BLOCK "cache_in(x, registers, c.o, flat_span)", "a flat span lies in shared memory", hopper});
    expect_case(planes, {BLOCK "cache_in(x, shared, c.o, flat_span, pad=1)", "no pad, no swizzle", hopper});
    expect_case(planes, {BLOCK "cache_in(x, shared, c.o, flat_span, atom=tma_tile)", "not as boxes", hopper});
    expect_case(planes, {BLOCK "cache_in(x, shared, c.o, footprint, atom=bulk)", "not a footprint", hopper});
}

TEST(FlatSpan, OfBulkCopiesIsInUnitsOfSixteenBytes) {
    expect_case(planes, {"split(c, 2) bind(c.o, block_x) cache_in(x, shared, c.o, flat_span)",
                         "the span of 1 x 2 x 7 x 7 = 392 B is no multiple of 16 B", hopper});
    expect_case(planes, {"split(c, 2) bind(c.o, block_x) cache_in(x, shared, c.o, flat_span, atom=cp_async)",
                         "accepted", hopper});
    expect_case("x: f32[2,8,7,7]\ny: f32[2,4,7,7]\ny[n,c,p,q] += x[n,c+r,p,q] | r<4\n",
                {"bind(n, block_x) split(c, 1) bind(c.o, block_y) cache_in(x, shared, c.o, flat_span)",
                 "which are not all multiples of 16 B", hopper});
    expect_case("x: f32[2,6,8,7]\ny: f32[2,6,7,7]\ny[n,c,p,q] += x[n,c,p+r,q] | r<2\n",
                {"split(c, 4) bind(c.o, block_x) cache_in(x, shared, c.o, flat_span)",
                 "goes beyond the 6 of dimension 1", hopper});
    expect_case(planes,
                {BLOCK "cache_in(x, shared, c.o, flat_span) cache_out(y, shared, atom=bulk)", "accepted", hopper});
    expect_case(
        planes,
        {"split(c, 2) bind(n, block_y) bind(c.o, block_x) bind(c.i, thread_z) bind(p, thread_y) bind(q, thread_x) "
         "cache_out(y, shared, atom=bulk)",
         "cache_out(y): the span of 1 x 2 x 7 x 7 = 392 B", hopper});
}

}  // namespace
}  // namespace heddle::test
