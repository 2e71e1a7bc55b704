// tests/support/proof_schedules.cpp -- four hard CUDA kernels at real sizes.
#include "tests/support/proof_schedules.h"

namespace heddle::test {

const std::vector<ProofSchedule>& proof_schedules() {
    static const std::vector<ProofSchedule> schedules = {
        // One patch with its halo a channel block; each of the nine taps multiplies a shifted view of it. The filters
        // are the
        // rows of the product and the pixels its columns, eight of which lie side by side.
        {"proof_halo_convolution",
         "x: bf16[32,56,56,64]\nw: bf16[64,3,3,64]\ny: bf16[32,56,56,64]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\n",
         "tile({p, q}, {14, 8}) reorder(n, p.o, q.o) fuse({n, p.o, q.o}, m) tile({k, c}, {64, 64}) reorder(m, k.o, "
         "c.o, r, s, k.i, p.i, q.i, c.i) work(grid, {m, k.o}) accumulate_in(registers, k.o) cache_in(x, shared, c.o, "
         "footprint, atom=tma_tile, swizzle=128) cache_in(w, shared, c.o, footprint, atom=tma_tile, swizzle=128) "
         "tensorize(wgmma_m64n112k16, A=w, B=x) cache_out(y, shared, k.o, atom=tma_store, swizzle=128)"},
        // Blocks take equal shares of the pixels of all tiles; tiles that several blocks shared are added up by a
        // second
        // launch.
        {"proof_stream_k_weight_gradient",
         "dy: bf16[32,28,28,512]\nx: bf16[32,28,28,512]\nr < 3\ns < 3\ndw: f32[512,3,3,512]\n"
         "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]\n",
         "fuse({n, p, q}, pixel) tile({k, c, pixel}, {128, 128, 64}) "
         "reorder(k.o, r, s, c.o, pixel.o, k.i, c.i, pixel.i) "
         "work(stream_k, {k.o, r, s, c.o, pixel.o}, swizzle=4) accumulate_in(registers, c.o) "
         "cache_in(dy, shared, pixel.o, loop_coordinates, atom=tma_tile, swizzle=128) "
         "cache_in(x, shared, pixel.o, loop_coordinates, atom=tma_im2col, swizzle=128) "
         "pipeline(pixel.o, 4) specialize_warps(producer=1, consumer=2x128, registers={40, 232}) "
         "tensorize(wgmma_m64n128k16, A=dy, B=x)"},
        // The gradient of a 3x3 convolution of stride 2, gathered: output row i takes the taps (i+1)%2 + 2a, of which
        // those
        // past the filter take no part. The residues of i and j are a split, so that their four classes are one
        // persistent
        // launch.
        {"proof_strided_input_gradient",
         "dy: bf16[32,28,28,256]\nw: bf16[256,3,3,128]\na < 2\nb < 2\ndx: bf16[32,56,56,128]\n"
         "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a,(j+1)/2-b,k] * zero(w)[k,(i+1)%2+2*a,(j+1)%2+2*b,c]\n",
         "tile({i, j}, {2, 2}) reorder(i.i, j.i, n, i.o, j.o) fuse({i.i, j.i}, class) "
         "fuse({n, i.o, j.o}, m) split(k, 64) tile({m, c}, {128, 128}) "
         "reorder(class, m.o, c.o, a, b, k.o, m.i, c.i, k.i) clip(a) clip(b) "
         "work(persistent, {class, m.o, c.o}, classes=4) accumulate_in(registers, c.o) "
         "cache_in(dy, shared, k.o, loop_coordinates, atom=tma_im2col, swizzle=128) "
         "cache_in(w, shared, k.o, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(k.o, 4) "
         "specialize_warps(producer=1, consumer=2x128, registers={40, 232}) "
         "tensorize(wgmma_m64n128k16, A=dy, B=w) cache_out(dx, shared, c.o, swizzle=128)"},
        // f32 from tf32: operands in two pieces, three products, partial sums promoted to f32 every four steps.
        {"proof_three_tf32",
         "x: f32[32,28,28,512]\nw: f32[512,3,3,512]\ny: f32[32,28,28,512]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\n",
         "split(c, 32) reorder(r, s, c.o, c.i) fuse({r, s, c.o}, kk) fuse({n, p, q}, m) "
         "tile({m, k}, {128, 128}) reorder(m.o, k.o, kk, m.i, k.i, c.i) work(persistent, {m.o, k.o}) "
         "accumulate_in(registers, k.o) "
         "cache_in(x, shared, kk, loop_coordinates, atom=tma_im2col, swizzle=128) "
         "cache_in(w, shared, kk, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(kk, 4) "
         "specialize_warps(producer=1, consumer=2x128, registers={40, 232}) "
         "precision(f32, pieces=2, promote=4) tensorize(wgmma_m64n128k8, A=x, B=w)"},
    };
    return schedules;
}

}  // namespace heddle::test
