// tests/schedules/nest_golden_test.cpp -- printed nests of host schedules.
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

TEST(HostNests, ConvolutionInARegisterTile) {
    expect_golden("nest_conv_host",
                  nest_text(conv_relu,
                            "z: fuse_epilogue(); y: split(k, 32) split(k.i, 16) split(q, 14) "
                            "reorder(n, k.o, p, q.o, r, s, c, q.i, k.i.o, k.i.i) unroll(q.i) unroll(k.i.o) "
                            "vectorize(k.i.i) parallel(n) partition(q.o) clip(r) unroll(c, 4) "
                            "accumulate_in(registers, q.o) pack(w, {k.o, r, s, c, k.i.o, k.i.i}) tensorize(fma)"));
}

TEST(HostNests, WeightGradientCarriedOnInMemory) {
    expect_golden(
        "nest_weight_gradient_host",
        nest_text("dy: f32[8,56,56,64]\nx: f32[8,56,56,64]\nr < 3\ns < 3\ndw: f32[3,3,64,64]\n"
                  "dw[r,s,c,k] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]\n",
                  "tile({c, k}, {6, 64}) split(k.i, 16) fuse({c.o, k.o}, ck) reorder(r, s, ck, n, p, q, c.i, k.i.o, "
                  "k.i.i) fuse({r, s, ck}, t) parallel(t) unroll(c.i) unroll(k.i.o) vectorize(k.i.i) clip(q) "
                  "accumulate_in(registers, p) tensorize(fma)"));
}

TEST(HostNests, Pooling) {
    expect_golden("nest_pool_host",
                  nest_text(pool,
                            "fuse({n, c}, nc) parallel(nc) split(q, 16) reorder(p, q.o, r, s, q.i) vectorize(q.i) "
                            "unroll(r) unroll(s) partition(p) partition(q.o) accumulate_in(registers, q.o)"));
}

TEST(HostNests, AStageInsideAnother) {
    expect_golden("nest_compute_at_host",
                  nest_text(two_blurs,
                            "y: split(p, 9) fuse({n, c}, nc) parallel(nc); b: compute_at(y, p.o) split(q, 16) "
                            "vectorize(q.i); y: split(q, 16) vectorize(q.i) streaming_stores()"));
}

}  // namespace
}  // namespace heddle::test
