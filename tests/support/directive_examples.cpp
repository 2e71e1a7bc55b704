// tests/support/directive_examples.cpp -- a small use of every directive.
#include "tests/support/directive_examples.h"

namespace heddle::test {
namespace {

const std::string scale = "x: f32[100]\ny[n] = x[n] * 2.0";
const std::string image = "x: f32[60,80]\ny[i,j] = x[i,j] * 2.0";
const std::string product = "x: f32[32,64]\nw: f32[48,64]\ny[n,k] += x[n,c] * w[k,c]";
const std::string filter = "x: f32[100]\nw: f32[3]\ny: f32[100]\ny[n] += zero(x)[n+r-1] * w[r]";
const std::string two_filters =
    "x: f32[100]\nb: f32[98]\ny: f32[96]\nb[n] = x[n] + x[n+2] | n<98\ny[n] = b[n] * b[n+2] | n<96";
const std::string activation = product + "\nz[n,k] = max(y[n,k], 0.0)";
const std::string large_product = "x: bf16[4096,1024]\nw: bf16[512,1024]\ny: f32[4096,512]\ny[n,k] += x[n,c] * w[k,c]";
const std::string large_tiles =
    "tile({n, k, c}, {128, 256, 64}) reorder(n.o, k.o, c.o) work(persistent, {n.o, k.o}) accumulate_in(registers, k.o) "
    "cache_in(x, shared, c.o, atom=tma_tile, swizzle=128) cache_in(w, shared, c.o, atom=tma_tile, swizzle=128) "
    "tensorize(wgmma_m64n256k16, A=x, B=w)";
const char* const hopper = "cuda:sm_90";

}  // namespace

const std::vector<DirectiveExample>& directive_examples() {
    static const std::vector<DirectiveExample> examples = {
        {"split", scale, "split(n, 16)"},
        {"fuse", image, "fuse({i, j}, pixel)"},
        {"align", "x: f32[60,81]\ny[i,j] = x[i,j] * 2.0", "align(j, x, 4) split(j, 4) vectorize(j.i)", "cuda:sm_80"},
        {"extend", image, "extend(i, 1, 1) split(i, 2)"},
        {"reorder", product, "reorder(c, n, k)"},
        {"tile", image, "tile({i, j}, {4, 16})"},
        {"unroll", filter, "unroll(r)"},
        {"vectorize", scale, "split(n, 16) vectorize(n.i)"},
        {"parallel", image, "parallel(i)"},
        {"partition", filter, "split(n, 16) partition(n.o)"},
        {"clip", filter, "clip(r)"},
        {"work", large_product, "tile({n, k}, {128, 256}) reorder(n.o, k.o) work(persistent, {n.o, k.o})", hopper},
        {"bind", image, "bind(i, block_x) bind(j, thread_x)", "cuda:sm_80"},
        {"specialize_warps", large_product,
         large_tiles + " pipeline(c.o, 4) specialize_warps(producer=1, consumer=2x128, registers={40, 232})", hopper},
        {"occupancy", image, "bind(i, block_x) bind(j, thread_x) occupancy(16)", "cuda:sm_80"},
        {"accumulate_in", product, "split(k, 16) reorder(n, k.o, c, k.i) accumulate_in(registers, k.o) vectorize(k.i)"},
        {"cache_in", "x: f32[62,82]\ny: f32[60,80]\nr < 3\ns < 3\ny[i,j] max= x[i+r,j+s]",
         "tile({i, j}, {4, 16}) reorder(i.o, j.o) cache_in(x, stack, j.o)"},
        {"cache_out", large_product, large_tiles + " cache_out(y, shared, k.o, atom=tma_store)", hopper},
        {"pipeline", large_product, large_tiles + " pipeline(c.o, 4)", hopper},
        {"streaming_stores", scale, "split(n, 16) vectorize(n.i) streaming_stores()"},
        {"pack", product,
         "split(k, 16) reorder(n, k.o, c, k.i) accumulate_in(registers, k.o) vectorize(k.i) pack(w, {k.o, c, k.i})"},
        {"tensorize", product,
         "split(k, 16) split(n, 8) reorder(n.o, k.o, c, n.i, k.i) unroll(n.i) vectorize(k.i) "
         "accumulate_in(registers, k.o) tensorize(fma)"},
        {"precision", "x: f32[128,64]\nw: f32[64,64]\ny[n,k] += x[n,c] * w[k,c]",
         "precision(f32, pieces=2, promote=4) tensorize(mma_sync_m16n8k8)", "cuda:sm_80"},
        {"reduce_across", "x: f32[64,1000]\ny[n] += x[n,c]",
         "split(c, 256) bind(n, block_x) bind(c.i, thread_x) reduce_across(threads)", "cuda:sm_80"},
        {"split_reduction", "x: f32[100000]\ny[] += x[n]", "split(n, 1000) split_reduction(4)", "cuda:sm_80"},
        {"atomic", "x: f32[100]\nw: f32[3]\nu: f32[202]\nu[2*n+r] += x[n] * w[r]", "atomic() parallel(n)"},
        {"sort_points", "g: f32[100,64]\nt: i32[100]\nu: f32[50,64]\nu[index(t[n],50),c] += g[n,c]",
         "sort_points() parallel(i) split(c, 16) reorder(i, c.o, point, c.i) vectorize(c.i)"},
        {"compute_at", two_filters, "y: split(n, 16); b: compute_at(y, n.o)"},
        {"compute_inline", two_filters, "b: compute_inline()"},
        {"compute_root", two_filters, "b: compute_at(y, n) compute_root()"},
        {"fuse_epilogue", activation, "y: accumulate_in(registers, k); z: fuse_epilogue()"},
    };
    return examples;
}

}  // namespace heddle::test
