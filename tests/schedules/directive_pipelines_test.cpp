// tests/schedules/directive_pipelines_test.cpp -- compute_at, compute_inline, compute_root, fuse_epilogue: legal and
// illegal ones.
#include <gtest/gtest.h>

#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

TEST(ComputeAt, IsForOneReaderInside) {
    expect_case(two_blurs, {"b: compute_at(y, c)", "accepted"});
    expect_case(two_blurs, {"y: split(p, 9); b: compute_at(y, p.o) vectorize(q); y: parallel(n)", "accepted"});
    expect_case(two_blurs, {"y: compute_at(b, n)", "y is an output of the pipeline"});
    expect_case(two_blurs, {"b: compute_at(b, n)", "b.0 does not read b; it is read by y.0"});
    expect_case(two_blurs, {"b: compute_at(y, m)", "there is no loop 'm' in y.0"});
    expect_case(two_blurs, {"b: split(q, 8) compute_at(y, n)", "put it before the directives on the loops of b.0"});
    expect_case(two_blurs, {"y: vectorize(q); b: compute_at(y, q)",
                            "q is vectorized: the stage can be computed at a loop around"});
    expect_case(two_blurs, {"b: compute_at(y, c) parallel(p)", "which is what is made parallel"});
    expect_case(two_blurs, {"b: compute_at(y, c); y: split(c, 8)", "b.0 is computed at it: put split before"});
    expect_case(two_blurs,
                {"b: compute_at(y, p); y: reorder(p, c)", "what is needed of b.0 depends on c, which lies inside"});
    expect_case("x: f32[8]\nb[n] = x[n] + 1.0\ny[n] = b[n]\nz[n] = b[n] + y[n]\n",
                {"b: compute_at(y, n)", "b is read by z.0 too"});
    expect_case("x: f32[999,999]\nb[n,m] = x[n,m] + 1.0\ny[n] += b[n,m]\n", {"b: compute_at(y, n)", "accepted"});
}

constexpr const char* softmax =
    "x: f32[64,100]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]\n";

TEST(ComputeAt, ReadersMayBeComputedThereToo) {
    expect_case(softmax, {"s: compute_at(y, n); m: compute_at(y, n)", "accepted"});
    expect_case(softmax, {"m: compute_at(y, n)", "m is read by s.0 too"});
    expect_case(softmax, {"y: split(c, 10); s: compute_at(y, n); m: compute_at(y, c.o)", "m is read by s.0 too"});
    expect_case(softmax, {"s: compute_at(y, n); m: compute_at(y, n); s: compute_root()",
                          "m.0 is computed at n of y.0, and s.0, which reads m, is not inside"});
}

TEST(ComputeAt, NarrowsLoopsToWhatIsRead) {
    const LoopNest nest = nest_of(two_blurs, "y: split(p, 9); b: compute_at(y, p.o); y: split(n, 3)");
    const StageNest& b = *nest.find("b");
    const std::vector<std::int64_t> extents = {1, 1, 11, 56};
    for (std::size_t d = 0; d < extents.size(); ++d) {
        EXPECT_TRUE(is_const(b.loops[d].extent, extents[d])) << d;
        EXPECT_TRUE(is_const(b.region_extent[d], extents[d])) << d;
    }
    // The rows past the last, and the images that splitting n made up.
    EXPECT_EQ(b.guards.size(), 2u);
}

TEST(ComputeInline, IsForPlainAssignments) {
    expect_case(two_blurs, {"b: compute_inline()", "accepted"});
    expect_case(two_blurs, {"y: compute_inline()", "y is an output of the pipeline"});
    expect_case(two_blurs,
                {"b: compute_inline() vectorize(q)", "b.0 is inlined and has no loops; compute_root() first"});
    expect_case(two_blurs, {"b: compute_inline() compute_root() vectorize(q)", "accepted"});
    expect_case(two_blurs, {"y: cache_in(b, stack, n); b: compute_inline()", "y.0 caches b"});
    expect_case(conv_relu, {"y: compute_inline()", "y.1 is a +=, and only a = has a value to put in its readers"});
}

TEST(ComputeRoot, TakesAStageBackOut) {
    expect_case(two_blurs, {"b: compute_at(y, n) compute_root() split(q, 8)", "accepted"});
    expect_case(conv_relu, {"y.0: compute_root()", "y.0 is where the accumulator of y.1 starts from"});
    expect_case(conv_relu, {"z: fuse_epilogue(); y: compute_root()", "accepted"});
}

TEST(FuseEpilogue, ReadsWhereItWrites) {
    expect_case(conv_relu, {"z: fuse_epilogue()", "accepted"});
    expect_case(conv_relu, {"z: fuse_epilogue() split(q, 4)", "z.0 is an epilogue of y.1 and takes its loops"});
    expect_case(conv_relu, {"z: fuse_epilogue() fuse_epilogue()", "z.0 is an epilogue of y.1: compute_root() first"});
    expect_case(conv_relu,
                {"y: fuse_epilogue()", "y.1 must be a = with a variable of its own for each index: y[n,k,p,q] += "});
    expect_case(two_blurs, {"y: fuse_epilogue()", "it reads b[n,c,p+1,q] and writes [n,c,p,q]"});
    expect_case(two_blurs, {"b: fuse_epilogue()", "b.0 reads no stage of the pipeline, only inputs"});
    expect_case(conv_relu, {"z: fuse_epilogue(); y: reorder(c, q) reorder(c, k, p, q) accumulate_in(registers, q)",
                            "fuse_epilogue: c of y.1 lies outside of the accumulator"});
    expect_case("x: f32[8]\ny: f32[16]\ny[2*n] += x[n]\nz[i] = y[i] + 1.0\n",
                {"z: fuse_epilogue()", "y.0 has computed left indices: its elements are complete only after all"});
    expect_case("x: f32[8]\ny[n] = x[n] + 1.0\nz[n] = y[n] * 2.0\nv[n] = y[n] * 3.0\n",
                {"z: fuse_epilogue(); v: fuse_epilogue()", "z.0 is an epilogue of y.0 already"});
    expect_case("x: f32[8]; z: f32[5]\ny[n] = x[n] + 1.0\nz[n] = y[n] * 2.0 | n<5\n",
                {"z: fuse_epilogue()", "dimension 0 of z has 5 elements, that of y 8"});
}

}  // namespace
}  // namespace heddle::test
