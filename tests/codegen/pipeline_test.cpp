// tests/codegen/pipeline_test.cpp -- stages placed in one another, copies of inputs, partial reductions.
#include <gtest/gtest.h>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

struct Case {
    const char* name;
    const char* text;
    const char* schedule;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr const char* conv =
    "x: f32[2,7,9,5]; w: f32[6,3,3,5]; b: f32[6]; y: f32[2,7,9,6]\n"
    "y[n,p,q,k] = b[k]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\n"
    "z[n,p,q,k] = max(y[n,p,q,k], 0.0)";
constexpr const char* half_conv =
    "x: f16[1,5,9,5]; w: f16[20,3,3,5]; b: f16[20]; y: f16[1,5,9,20]; z: f32[1,5,9,20]\n"
    "y[n,p,q,k] = b[k]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c] * 0.37\n"
    "z[n,p,q,k] = y[n,p,q,k] * 1000.0";
constexpr const char* blur =
    "x: f32[3,17,19]\n"
    "h[c,i,j] = zero(x)[c,i,j-1] + 2.0 * x[c,i,j] + zero(x)[c,i,j+1]\n"
    "y[c,i,j] = replicate(h)[c,i-1,j] + 2.0 * h[c,i,j] + replicate(h)[c,i+1,j]";
constexpr const char* narrow_blur =
    "x: i8[3,17,19]; h: i8[3,17,19]; y: i16[3,17,19]\n"
    "h[c,i,j] = 40 * zero(x)[c,i,j-1] + 40 * x[c,i,j]\n"
    "y[c,i,j] = zero(h)[c,i-1,j] + h[c,i,j]";
constexpr const char* two_convs =
    "x: f32[1,3,11,12]; w: f32[4,3,3,3]; v: f32[5,4,3,3]; m: f32[1,4,11,12]; "
    "y: f32[1,5,11,12]\n"
    "m[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]\n"
    "y[n,k,p,q] += zero(m)[n,c,p+r-1,q+s-1] * v[k,c,r,s]";
constexpr const char* matmul = "a: f32[13,11]; b: f32[11,21]\nc[i,j] += a[i,k] * b[k,j]";
constexpr const char* rows =
    "x: f32[7,21]\nm[n] max= x[n,c]\nd[n,c] = x[n,c] - m[n]\ns[n] += d[n,c] * d[n,c]\n"
    "y[n,c] = d[n,c] * s[n]";

const Case cases[] = {
    {"epilogue", conv, "z.0: fuse_epilogue()"},
    {"epilogue_in_lanes", conv,
     "y.1: reorder(n, p, q, r, s, c, k) vectorize(k) accumulate_in(registers, q) parallel(p); z.0: fuse_epilogue()"},
    {"epilogue_of_a_rounded_value", half_conv, "z.0: fuse_epilogue()"},
    {"epilogue_of_a_rounded_value_in_lanes", half_conv,
     "y.1: split(k, 16) reorder(n, p, q, k.o, r, s, c, k.i) vectorize(k.i) accumulate_in(registers, k.o); z.0: "
     "fuse_epilogue()"},
    {"inline", blur, "h.0: compute_inline()"},
    {"inline_in_lanes", blur, "h.0: compute_inline(); y.0: split(j, 8) vectorize(j.i) partition(j.o)"},
    {"inline_wraps", narrow_blur, "h.0: compute_inline(); y.0: split(j, 16) vectorize(j.i)"},
    {"compute_at_rows", blur, "h.0: compute_at(y.0, i)"},
    {"compute_at_tiles", blur,
     "y.0: split(i, 4) split(j, 8) reorder(c, i.o, j.o, i.i, j.i) vectorize(j.i) parallel(i.o); h.0: compute_at(y.0, "
     "j.o) vectorize(j)"},
    {"compute_at_wraps", narrow_blur, "y.0: split(i, 4); h.0: compute_at(y.0, i.o)"},
    {"compute_at_a_reduction", two_convs,
     "y.0: split(p, 4) split(q, 4) reorder(n, p.o, q.o, k, p.i, q.i); m.0: compute_at(y.0, q.o) vectorize(q) "
     "reorder(n, k, p, c, r, s, q)"},
    {"cache_footprint", conv, "y.1: cache_in(x, stack, p, footprint) cache_in(w, heap, root, footprint)"},
    {"cache_footprint_of_tiles", conv,
     "y.1: split(p, 3) split(q, 4) reorder(n, p.o, q.o, p.i, q.i, k, r, s, c) cache_in(x, stack, q.o, footprint) "
     "parallel(p.o)"},
    {"cache_in_loop_coordinates", conv,
     "y.1: split(c, 3) reorder(n, p, q, c.o, k, r, s, c.i) cache_in(x, stack, c.o, loop_coordinates) "
     "cache_in(w, stack, q, loop_coordinates)"},
    {"cache_flat", conv, "y.1: cache_in(x, heap, n, flat_span)"},
    {"pack", conv, "y.1: split(k, 4) reorder(n, p, q, k.o, r, s, c, k.i) vectorize(k.i) pack(w, {k.o, r, s, c, k.i})"},
    {"pack_leaves_out_loops_of_one", two_convs,
     "m.0: pack(w, {k, c, r, s}) reorder(q, s, p, k, c, n, r) cache_in(x, stack, p, loop_coordinates)"},
    {"pack_with_a_tail", matmul,
     "c.0: split(j, 16) split(k, 4) reorder(j.o, i, k.o, k.i, j.i) vectorize(j.i) pack(b, {j.o, k.o, k.i, j.i}) "
     "parallel(j.o)"},
    {"tensorize_with_tails", matmul,
     "c.0: split(i, 4) split(j, 16) reorder(i.o, j.o, k, i.i, j.i) unroll(i.i) vectorize(j.i) "
     "accumulate_in(registers, j.o) tensorize(fma)"},
    {"partial_sums_in_memory", matmul, "c.0: split(k, 4) reorder(k.o, i, j, k.i) accumulate_in(registers, j)"},
    {"partial_sums_with_an_init", conv, "y.1: reorder(n, p, r, q, k, s, c) accumulate_in(registers, k)"},
    {"partial_sums_in_lanes", matmul,
     "c.0: split(k, 4) split(j, 8) reorder(k.o, i, j.o, k.i, j.i) vectorize(j.i) accumulate_in(registers, j.o)"},
    {"accumulate_on_the_stack", matmul, "c.0: reorder(k, i, j) accumulate_in(stack, root)"},
    {"accumulate_on_the_heap", matmul, "c.0: reorder(k, i, j) accumulate_in(heap, root) vectorize(j)"},
    {"tail_guard", matmul, "c.0: split(i, 5) split(j, 8) split(k, 3)"},
    {"tail_peel", matmul, "c.0: split(i, 5, tail=peel) split(j, 8, tail=peel) split(k, 3, tail=peel)"},
    {"tail_shrink", matmul,
     "c.0: split(i, 5, tail=shrink) split(j, 8, tail=shrink) reorder(i.o, j.o, i.i, k, j.i) "
     "vectorize(j.i)"},
    {"fuse", matmul, "c.0: fuse({i, j}, m) split(m, 7) parallel(m.o)"},
    {"fuse_of_three", conv, "y.1: fuse({n, p, q}, m) fuse({r, s, c}, t) unroll(t, 4) parallel(m)"},
    {"unroll_by_a_factor", matmul, "c.0: unroll(i, 3) unroll(j, 2) unroll(k, 4)"},
    {"rows_split", rows, "m.0: parallel(n) split(c, 8) vectorize(c.i)"},
    {"rows_in_lanes", rows, "m.0: vectorize(c); d.0: split(c, 16, tail=peel) vectorize(c.i); s.0: vectorize(c)"},
};

class PipelineStages : public testing::TestWithParam<Case> {};

TEST_P(PipelineStages, GiveTheUnscheduledResult) {
    const Case& c = GetParam();
    // Products of halves are no whole numbers: their sums differ by an order of additions, rounded to f16.
    const Compiled compiled(std::string(c.text), c.text == half_conv ? 2e-3 : 0);
    EXPECT_EQ(compiled.difference(std::string(c.schedule)), "");
    EXPECT_EQ(compiled.difference(std::string(c.schedule), Target::parse("host:avx2,checks")), "");
}
INSTANTIATE_TEST_SUITE_P(All, PipelineStages, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace heddle::test
