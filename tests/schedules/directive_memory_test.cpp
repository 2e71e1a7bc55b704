// tests/schedules/directive_memory_test.cpp -- accumulate_in, cache_in, cache_out, pack, pipeline, streaming_stores:
// legal and illegal ones.
#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

#define TILE                                                                                                       \
    "y: split(k, 32) split(k.i, 16) split(q, 14) reorder(n, k.o, p, q.o, c, r, s, q.i, k.i.o, k.i.i) unroll(q.i) " \
    "unroll(k.i.o) vectorize(k.i.i) "

class HostMemory : public ::testing::TestWithParam<RefusalCase> {};
TEST_P(HostMemory, AcceptedOrRefusedWithReason) { expect_case(conv_relu, GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Accumulate, HostMemory,
    ::testing::Values(
        RefusalCase{TILE "accumulate_in(registers, q.o)", "accepted"},
        RefusalCase{TILE "accumulate_in(registers, c)", "accepted"},
        RefusalCase{TILE "accumulate_in(registers, q.o)", "112 vector registers for 14 x 2 x 16 elements", "host:sse"},
        RefusalCase{"y: accumulate_in(registers, k)", "accumulate_in(registers): the serial loop p lies inside"},
        RefusalCase{"y: accumulate_in(stack, k)", "accepted"},
        RefusalCase{"y: accumulate_in(stack, n)", "1605632 B of a thread's stack, and at most 1048576"},
        RefusalCase{"y: accumulate_in(shared, n)", "the host has no shared memory"},
        RefusalCase{"y: accumulate_in(disk, n)", "'disk' is no memory; there are heap, stack, registers, shared"},
        RefusalCase{TILE "accumulate_in(registers, q.i)", "q.i is unrolled: the accumulator lives in a loop around it"},
        RefusalCase{"z: accumulate_in(registers, n)", "z.0 is a = and accumulates nothing"},
        RefusalCase{"y: reorder(c, n) reorder(c, k, p, q, n) accumulate_in(registers, n) streaming_stores()",
                    "y is read back between iterations of c"}));

INSTANTIATE_TEST_SUITE_P(
    Pack, HostMemory,
    ::testing::Values(RefusalCase{"y: pack(w, {k, c, r, s})", "accepted"},
                      RefusalCase{"y: pack(w, {k, c})", "depends on the loop r, which the order does not name"},
                      RefusalCase{"y: pack(w, {n, k, c, r, s})", "the copy would hold each element 8 times"},
                      RefusalCase{"y: pack(w, {k, c, r, s, c})", "c is named twice"},
                      RefusalCase{"y: pack(w, {k, c, r, s}) split(k, 16)", "pack(w) names it: put split before"},
                      RefusalCase{"y: pack(v, {k})", "y.1 does not read 'v'; it reads x, w"},
                      RefusalCase{"y: pack(x, {n, c, p, q, r, s})", "accepted"},
                      RefusalCase{"y: pack(w, {k, c, r, s}) pack(w, {k, c, r, s})", "w is packed already"},
                      RefusalCase{"y: pack(w, {k, c, r, s}) cache_in(w, stack, k)", "w is packed"}));

INSTANTIATE_TEST_SUITE_P(
    Cache, HostMemory,
    ::testing::Values(
        RefusalCase{"y: cache_in(x, stack, p)", "accepted"},
        RefusalCase{"y: cache_in(x, stack, root)", "a tile of 8 x 64 x 58 x 58: 6889472 B of a thread's stack"},
        RefusalCase{"y: cache_in(x, heap, root)", "accepted"},
        RefusalCase{"y: cache_in(x, stack, p, halo)", "'halo' is no shape of a tile; there are footprint"},
        RefusalCase{"y: cache_in(x, stack, p, atom=tma_tile)", "atom tma_tile is of CUDA devices"},
        RefusalCase{"y: cache_in(x, stack, p, atom=fma)", "'fma' is no atom that copies; there are ld_st"},
        RefusalCase{"y: cache_in(x, stack, p, swizzle=48)", "a swizzle of 48 bytes; 0, 32, 64 and 128"},
        RefusalCase{"y: cache_in(x, stack, p) cache_in(x, heap, n)", "x is cached in stack already"},
        RefusalCase{"y: pipeline(c, 4)", "the host has no asynchronous copies"},
        RefusalCase{"y: cache_out(z, stack)", "y.1 writes y, not 'z'"}));

TEST(Caches, CannotHoldWhatABoundaryFoldsBack) {
    const std::string text = "x: f32[64]\ny: f32[64]\nr < 3\ny[p] += reflect(x)[p+r-1]\n";
    expect_case(text, {"cache_in(x, stack, root)", "reflect(x) folds indices back into the tensor"});
}

TEST(Caches, OfLoopCoordinatesHoldOneRead) {
    const std::string text = "p < 64\nx: f32[66]\ny: f32[64]\ny[p] = x[p] + x[p+2]\n";
    expect_case(text, {"cache_in(x, stack, root)", "accepted"});
    expect_case(text, {"cache_in(x, stack, root, loop_coordinates)", "y.0 reads x at 2 places"});
    expect_case(text, {"pack(x, {p})", "y.0 reads x at 2 places, and a packed copy has the order of one"});
}

TEST(ReducedLoopsOutside, NeedAnOutputThatIsNotRounded) {
    const std::string bf16 = "x: bf16[8,64]\ny: bf16[64]\ny[c] += x[n,c]\n",
                      f32 = "x: f32[8,64]\ny: f32[64]\ny[c] += x[n,c]\n";
    expect_case(f32, {"reorder(n, c) accumulate_in(registers, c)", "accepted"});
    expect_case(bf16, {"reorder(n, c) accumulate_in(registers, c)", "y would be rounded to bf16 between them"});
}

}  // namespace
}  // namespace heddle::test
