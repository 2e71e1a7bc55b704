// tests/schedules/directive_device_test.cpp -- work, bind, specialize_warps, pipeline and what a CUDA device has: legal
// and illegal ones.
#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

#define GEMM                                                                                                  \
    "split(c, 64) reorder(r, s, c.o, c.i) fuse({r, s, c.o}, kk) fuse({n, p, q}, m) tile({m, k}, {128, 256}) " \
    "reorder(m.o, k.o, kk, m.i, k.i, c.i) work(persistent, {m.o, k.o}) accumulate_in(registers, k.o) "        \
    "cache_in(x, shared, kk, loop_coordinates) cache_in(w, shared, kk, loop_coordinates) "                    \
    "tensorize(wgmma_m64n256k16, A=x, B=w) "

class Device : public ::testing::TestWithParam<RefusalCase> {};
TEST_P(Device, AcceptedOrRefusedWithReason) {
    RefusalCase c = GetParam();
    if (std::string(c.target) == "host:avx512") c.target = "cuda:sm_90";
    expect_case(conv_nhwc, c);
}

INSTANTIATE_TEST_SUITE_P(
    Work, Device,
    ::testing::Values(RefusalCase{GEMM, "accepted"}, RefusalCase{"work(grid, {n, p})", "accepted"},
                      RefusalCase{"work(grid, {p, n})", "p must be loop 1 of y.0; its loops are n, p, q, k, r, s, c"},
                      RefusalCase{"work(grid, {n, p, q, k, r})", "r is reduced: blocks would race"},
                      RefusalCase{"work(stream_k, {n, p, q, k, r})", "accepted"},
                      RefusalCase{"work(stream_k, {n, p, q, k})", "stream_k divides one reduced loop, named last; 0"},
                      RefusalCase{"work(waves, {n})",
                                  "'waves' is no decomposition of work; there are grid, persistent"},
                      RefusalCase{"work(grid, {n}, classes=0)", "classes must lie in 1 to 4096, not 0"}));

INSTANTIATE_TEST_SUITE_P(
    Bind, Device,
    ::testing::Values(RefusalCase{"bind(n, block_x) bind(p, block_y) bind(q, thread_x)", "accepted"},
                      RefusalCase{"bind(n, block_w)", "'block_w' is no axis; there are block_x, block_y"},
                      RefusalCase{"bind(n, block_x) bind(p, block_x)", "n is bound to block_x already: fuse"},
                      RefusalCase{"fuse({p, q, k}, m) bind(m, thread_x)",
                                  "401408 iterations and thread_x takes at most 1024"},
                      RefusalCase{"bind(c, block_x)", "c is reduced: blocks would race for the same elements of y"},
                      RefusalCase{"bind(k, thread_x) bind(q, thread_y)", "14336 threads in a block of y.0"}));

INSTANTIATE_TEST_SUITE_P(
    Roles, Device,
    ::testing::Values(
        RefusalCase{GEMM "specialize_warps(producer=1, consumer=2x128)", "accepted"},
        RefusalCase{"specialize_warps(producer=1, consumer=2x100)", "whole warps of 32"},
        RefusalCase{"specialize_warps(producer=1, consumer=many)", "groups x threads as in 2x128"},
        RefusalCase{"specialize_warps(consumer=1)", "1 roles; there must be two"},
        RefusalCase{"specialize_warps(1, 2)", "each role has a name"},
        RefusalCase{"specialize_warps(producer=16, consumer=6x128)", "1280 threads in all"},
        RefusalCase{"specialize_warps(producer=1, consumer=2x128, registers={40})", "1 numbers of registers"},
        RefusalCase{"specialize_warps(producer=1, consumer=2x128, registers={40, 233})", "a multiple of 8"},
        RefusalCase{"specialize_warps(producer=1, consumer=1)", "of compute capability 90", "cuda:sm_80"},
        RefusalCase{GEMM "specialize_warps(producer=1, consumer=1x64)", "512 a thread of 64; a thread has 255"}));

INSTANTIATE_TEST_SUITE_P(
    Occupancy, Device,
    ::testing::Values(RefusalCase{"bind(n, block_x) bind(k, thread_x) occupancy(4)", "accepted"},
                      RefusalCase{"occupancy(0)", "a multiprocessor holds 1 to 32 blocks, not 0"},
                      RefusalCase{"bind(n, block_x) bind(k, thread_x) occupancy(9)",
                                  "9 blocks of 512 threads are more than the 2048 that a multiprocessor holds"}));

INSTANTIATE_TEST_SUITE_P(
    Pipeline, Device,
    ::testing::Values(
        RefusalCase{GEMM "pipeline(kk, 4)", "accepted"},
        RefusalCase{GEMM "pipeline(kk, 5)",
                    "cache_in(x), cache_in(w): 245760 B of shared memory, the device allows 49152 without "
                    "opt-in, 232448 with it"},
        RefusalCase{GEMM "pipeline(kk, 1)", "the depth must lie in 2 to 16, not 1"},
        RefusalCase{"pipeline(c, 4)", "nothing is cached at c"},
        RefusalCase{"cache_in(x, shared, r, atom=tma_im2col)", "needs compute capability 90", "cuda:sm_80"},
        RefusalCase{"cache_in(x, shared, r, atom=cp_async)", "accepted", "cuda:sm_80"},
        RefusalCase{"cache_in(x, shared, r, pad=8, swizzle=128)", "padded or swizzled, not both"}));

TEST(OnTheHost, DevicesWordsSayWhatToUse) {
    expect_case(conv_nhwc, {"bind(n, block_x)", "on the host parallel(loop) spreads a loop over threads"});
    expect_case(conv_nhwc, {"work(grid, {n})", "on the host parallel(loop)"});
    expect_case(conv_nhwc, {"specialize_warps(producer=1, consumer=2)", "the target is host:avx512"});
    expect_case(conv_nhwc, {"occupancy(2)", "on the host the processor renames registers by itself"});
}

}  // namespace
}  // namespace heddle::test
