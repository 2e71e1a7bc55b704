// tests/schedules/directive_arithmetic_test.cpp -- tensorize, precision, reduce_across, split_reduction: legal and
// illegal ones.
#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

#define INNER "y: split(k, 16) reorder(n, k.o, p, q, c, r, s, k.i) vectorize(k.i) "

TEST(Tensorize, Fma) {
    expect_case(conv_relu, {INNER "tensorize(fma)", "accepted"});
    expect_case(conv_relu, {INNER "tensorize(fma, A=x, B=w)", "accepted"});
    expect_case(conv_relu, {INNER "tensorize(fma, A=x, B=x)", "x is named as both operands"});
    expect_case(conv_relu, {INNER "tensorize(fma, A=z)", "y.1 does not read 'z'; it reads x, w"});
    expect_case(conv_relu, {"y: tensorize(fma)", "y.1 has no vectorized loop; vectorize one of n, k, p, q, c, r, s"});
    expect_case(conv_relu, {"z: tensorize(fma)", "z.0 is not a += of a product of two reads: z[n,k,p,q] = max("});
    expect_case(conv_relu, {INNER "tensorize(fmma)", "'fmma' is no atom that multiplies; there are fma, fma_f64"});
    expect_case(conv_relu, {INNER "tensorize(ld_st)", "'ld_st' is no atom that multiplies"});
    expect_case(scatter, {"tensorize(fma)", "u.0 has computed left indices"});
}

TEST(Tensorize, CountsVectorRegisters) {
    const std::string tile =
        "y: split(k, 32) split(k.i, 16) split(q, 14) reorder(n, k.o, p, q.o, c, r, s, q.i, k.i.o, k.i.i) unroll(q.i) "
        "unroll(k.i.o) vectorize(k.i.i) tensorize(fma)";
    expect_case(conv_relu, {tile.c_str(), "accepted"});
    expect_case(conv_relu, {tile.c_str(),
                            "56 accumulators + 4 of an operand + 1 broadcast = 61 vector registers; host:avx2 has 16",
                            "host:avx2"});
    const std::string wide =
        "y: split(k, 64) split(k.i, 16) split(q, 7) reorder(n, k.o, p, q.o, c, r, s, q.i, k.i.o, k.i.i) unroll(q.i) "
        "unroll(k.i.o) vectorize(k.i.i) tensorize(fma)";
    expect_case(conv_relu, {wide.c_str(), "28 accumulators + 4 of an operand + 1 broadcast = 33 vector registers"});
}

TEST(Tensorize, AtomsTakeTheirTypesAndTargets) {
    expect_case(conv_nhwc, {"tensorize(mma_sync_m16n8k16)", "accepted", "cuda:sm_80"});
    expect_case(conv_nhwc, {"tensorize(mma_sync_m16n8k16_f16)", "takes f16, and x and w are bf16", "cuda:sm_80"});
    expect_case(conv_nhwc, {"tensorize(wgmma_m64n128k16)", "needs compute capability 90 or more", "cuda:sm_80"});
    expect_case(conv_nhwc, {"tensorize(wgmma_m64n128k16_bf16)", "is of CUDA devices, the target is host:avx512"});
    expect_case(conv_nhwc, {"tensorize(amx_bf16)", "needs a CPU with amx-bf16"});
    expect_case(conv_nhwc, {"tensorize(amx_bf16)", "accepted", "host:avx512+amx-tile+amx-bf16"});
}

TEST(Precision, SaysWhatAnAtomMustHold) {
    const char* const device = "cuda:sm_90";
    expect_case(conv_relu,
                {"y: tensorize(mma_sync_m16n8k8)", "the atom is of class tf32 and y.1 asks for f32", device});
    expect_case(conv_relu, {"y: precision(tf32) tensorize(mma_sync_m16n8k8)", "accepted", device});
    expect_case(conv_relu, {"y: precision(f32, pieces=2, promote=4) tensorize(mma_sync_m16n8k8)", "accepted", device});
    expect_case(conv_relu,
                {"y: precision(f32, pieces=2)", "2 pieces need a tensorize with an atom of a narrower", device});
    expect_case(conv_relu, {"y: precision(f32, pieces=4)", "pieces must lie in 1 to 3, not 4", device});
    expect_case(conv_relu, {"y: precision(f32, pieces=2)", "the host multiplies f32 exactly as it is"});
    expect_case(conv_relu, {"y: precision(f64)", "y.1 computes in f32, which is not of class f64"});
    expect_case(conv_relu, {"y: precision(f33)", "'f33' is no accuracy class"});
    expect_case(pool, {"precision(f32, promote=4)", "sums promoted in a += of a product, not in max="});
}

TEST(SplitReduction, DividesTheOutermostReducedLoop) {
    const char* const device = "cuda:sm_90";
    expect_case(conv_relu, {"y: split_reduction(4)", "accepted", device});
    expect_case(conv_relu, {"y: split_reduction(1)", "parts must lie in 2 to 4096, not 1", device});
    expect_case(conv_relu,
                {"y: split_reduction(65)", "65 parts of c, the outermost reduced loop, which has 64", device});
    expect_case(conv_relu, {"z: split_reduction(2)", "z.0 is a = and reduces nothing", device});
    expect_case(conv_relu, {"y: split_reduction(2); z: fuse_epilogue()", "accepted", device});
    expect_case("x: f32[8,64]\ny: i32[8]\ny[n] argmax= x[n,c]\n",
                {"split_reduction(2)", "the maximum of an argmax= is kept only while it runs", device});
    expect_case(conv_relu, {"y: split_reduction(4)", "the host has no second pass over partial sums"});
}

TEST(ReduceAcross, IsForDevices) {
    expect_case(pool, {"bind(s, thread_x) reduce_across(threads)", "accepted", "cuda:sm_80"});
    expect_case(pool, {"reduce_across(threads)", "no reduced loop of y.0 is bound to threads", "cuda:sm_80"});
    expect_case(pool, {"bind(s, thread_x)", "its threads hold parts of y that nothing combines", "cuda:sm_80"});
    expect_case(pool, {"bind(s, thread_x) reduce_across(warps)", "s has 3 iterations on thread_x", "cuda:sm_80"});
    expect_case(pool, {"bind(s, thread_x) reduce_across(threads) accumulate_in(registers, r)",
                       "r of y.0 lies outside of the accumulator", "cuda:sm_80"});
    expect_case(pool, {"reduce_across(threads)", "on the host one thread reduces an element"});
    expect_case(pool, {"reduce_across(cluster)", "clusters are of compute capability 90", "cuda:sm_80"});
    expect_case(pool, {"split_reduction(2) reduce_across(blocks)", "accepted", "cuda:sm_80"});
    expect_case(pool, {"clip(r) reduce_across(blocks)", "r, the outermost reduced loop of y.0, is clipped already",
                       "cuda:sm_80"});
    expect_case(pool, {"bind(n, block_x) bind(c, block_y) bind(p, block_z) split_reduction(2)",
                       "one is needed for the parts", "cuda:sm_80"});
    expect_case(conv_relu, {"z: reduce_across(warps)", "z.0 has no reduced loops", "cuda:sm_80"});
}

}  // namespace
}  // namespace heddle::test
