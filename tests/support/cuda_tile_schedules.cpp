// tests/support/cuda_tile_schedules.cpp -- definitions whose blocks share tiles: shared memory, tensor cores, roles.
#include "tests/support/cuda_schedules.h"

namespace heddle::test {
namespace {

const std::string product = "x: f32[70,40]\nw: f32[50,40]\ny[m,n] += x[m,k] * w[n,k]";
const std::string product_f16 = "x: f16[100,80]\nw: f16[72,80]\ny: f32[100,72]\ny[m,n] += x[m,k] * w[n,k]";
const std::string convolution =
    "x: bf16[2,9,10,64]\nw: bf16[64,3,3,64]\ny: f32[2,9,10,64]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]";

// Threads 8 x 16, each with a register tile.
const std::string register_tiles =
    "split(m, 32) split(n, 32) split(m.i, 4) split(n.i, 2) split(k, 16) "
    "reorder(m.o, n.o, m.i.o, n.i.o, k.o, k.i, m.i.i, n.i.i) bind(m.o, block_y) bind(n.o, block_x) "
    "bind(m.i.o, thread_y) bind(n.i.o, thread_x) unroll(m.i.i) unroll(n.i.i) accumulate_in(registers, n.i.o) ";
// Blocks of 64 x 32 x 32 on tensor cores.
const std::string warp_tiles =
    "tile({m, n}, {64, 32}) split(k, 32) reorder(m.o, n.o, k.o, m.i, n.i, k.i) bind(m.o, block_y) bind(n.o, block_x) "
    "accumulate_in(registers, n.o) ";
const std::string byte_tiles =
    "tile({m, n}, {64, 32}) split(k, 64) reorder(m.o, n.o, k.o, m.i, n.i, k.i) bind(m.o, block_y) bind(n.o, block_x) "
    "accumulate_in(registers, n.o) ";
const std::string pixel_tiles =
    "split(c, 64) reorder(r, s, c.o, c.i) fuse({r, s, c.o}, kk) fuse({n, p, q}, m) tile({m, k}, {128, 64}) "
    "reorder(m.o, k.o, kk, m.i, k.i, c.i) ";

}  // namespace

const std::vector<ScheduledText>& tile_schedules() {
    static const std::vector<ScheduledText> texts = {
        {"shared_tiles", product,
         register_tiles + "cache_in(x, shared, k.o) cache_in(w, shared, k.o, loop_coordinates, atom=ld_st, pad=1)"},
        {"shared_ahead", product,
         register_tiles + "cache_in(x, shared, k.o, atom=cp_async) cache_in(w, shared, k.o, atom=cp_async, swizzle=64) "
                          "pipeline(k.o, 3)"},
        {"shared_line",  // whose end lies within what one copy takes
         "x: f32[70]\nw: f32[50,70]\ny[n] += x[k] * w[n,k]",
         "split(n, 32) split(k, 16) reorder(n.o, n.i, k.o, k.i) bind(n.o, block_x) bind(n.i, thread_x) "
         "cache_in(x, shared, k.o, atom=cp_async)"},
        {"shared_halo", "x: f32[2,20,30]\nw: f32[5,5]\ny: f32[2,20,30]\ny[n,p,q] += zero(x)[n,p+r-2,q+s-2] * w[r,s]",
         "tile({p, q}, {8, 16}) reorder(n, p.o, q.o, p.i, q.i, r, s) bind(n, block_z) bind(p.o, block_y) "
         "bind(q.o, block_x) bind(p.i, thread_y) bind(q.i, thread_x) cache_in(x, shared, q.o)"},
        {"mma_f16", product_f16,
         warp_tiles + "cache_in(x, shared, k.o, atom=cp_async, swizzle=64) cache_in(w, shared, k.o, atom=cp_async, "
                      "swizzle=64) tensorize(mma_sync_m16n8k16, A=x, B=w)"},
        {"mma_f16_swapped", product_f16,
         "tile({m, n}, {32, 64}) split(k, 32) reorder(m.o, n.o, k.o, m.i, n.i, k.i) bind(m.o, block_y) "
         "bind(n.o, block_x) accumulate_in(registers, n.o) cache_in(x, shared, k.o, atom=ld_st) "
         "cache_in(w, shared, k.o, pad=8) tensorize(mma_sync_m16n8k16, A=w, B=x, warps={4, 1})"},
        {"mma_f16_pipeline", product_f16,
         warp_tiles + "cache_in(x, shared, k.o, atom=cp_async, swizzle=64) cache_in(w, shared, k.o, atom=cp_async, "
                      "swizzle=64) pipeline(k.o, 3) tensorize(mma_sync_m16n8k16, A=x, B=w)"},
        {"mma_bf16_transposed", "x: bf16[80,96]\nw: bf16[80,64]\ny: f32[96,64]\ny[m,n] += x[k,m] * w[k,n]",
         warp_tiles +
             "cache_in(x, shared, k.o, loop_coordinates, swizzle=128) cache_in(w, shared, k.o, loop_coordinates, "
             "swizzle=64) tensorize(mma_sync_m16n8k16, A=x, B=w)"},
        {"mma_tf32", "x: f32[100,80]\nw: f32[72,80]\ny[m,n] += x[m,k] * w[n,k]",
         warp_tiles + "cache_in(x, shared, k.o, atom=cp_async, swizzle=128) cache_in(w, shared, k.o, atom=cp_async, "
                      "swizzle=128) precision(tf32) tensorize(mma_sync_m16n8k8, A=x, B=w)"},
        {"mma_tf32_in_pieces", "x: f32[100,80]\nw: f32[72,80]\ny[m,n] += x[m,k] * w[n,k]",
         warp_tiles + "cache_in(x, shared, k.o, atom=cp_async, swizzle=128) cache_in(w, shared, k.o, atom=cp_async, "
                      "swizzle=128) precision(f32, pieces=2, promote=4) tensorize(mma_sync_m16n8k8, A=x, B=w)"},
        {"mma_f64", "x: f64[100,80]\nw: f64[72,80]\ny: f64[100,72]\ny[m,n] += x[m,k] * w[n,k]",
         warp_tiles + "cache_in(x, shared, k.o, atom=cp_async) cache_in(w, shared, k.o, atom=cp_async) "
                      "tensorize(mma_sync_m8n8k4, A=x, B=w)"},
        {"mma_i8", "x: i8[100,160]\nw: i8[72,160]\ny: i32[100,72]\ny[m,n] += x[m,k] * w[n,k]",
         byte_tiles + "cache_in(x, shared, k.o, atom=cp_async, swizzle=64) cache_in(w, shared, k.o, atom=cp_async, "
                      "swizzle=64) pipeline(k.o, 3) tensorize(mma_sync_m16n8k32, A=x, B=w)"},
        {"mma_u8_rounded_down",  // the sum in 32 bits, the result in 8
         "x: u8[100,160]\nw: u8[72,160]\ny: u8[100,72]\ny[m,n] += x[m,k] * w[n,k]",
         byte_tiles + "cache_in(x, shared, k.o, swizzle=64) cache_in(w, shared, k.o, pad=16) "
                      "tensorize(mma_sync_m16n8k32, A=x, B=w)"},
        {"mma_i8_transposed", "x: i8[160,96]\nw: i8[64,160]\ny: i32[96,64]\ny[m,n] += x[k,m] * w[n,k]",
         byte_tiles + "cache_in(x, shared, k.o, footprint) cache_in(w, shared, k.o, footprint, atom=cp_async) "
                      "tensorize(mma_sync_m16n8k32, A=x, B=w)"},
        {"mma_result_through_tile", "x: f16[100,80]\nw: f16[72,80]\ny: f16[100,72]\ny[m,n] += x[m,k] * w[n,k]",
         warp_tiles + "cache_in(x, shared, k.o) cache_in(w, shared, k.o) tensorize(mma_sync_m16n8k16, A=x, B=w) "
                      "cache_out(y, shared, n.o, swizzle=64)"},
        {"mma_result_of_odd_rows", "x: f16[100,80]\nw: f16[70,80]\ny: f16[100,70]\ny[m,n] += x[m,k] * w[n,k]",
         warp_tiles + "cache_in(x, shared, k.o) cache_in(w, shared, k.o) tensorize(mma_sync_m16n8k16, A=x, B=w) "
                      "cache_out(y, shared, n.o, pad=8)"},
        {"mma_result_of_odd_elements", "x: bf16[100,80]\nw: bf16[71,80]\ny: f32[100,71]\ny[m,n] += x[m,k] * w[n,k]",
         warp_tiles + "cache_in(x, shared, k.o) cache_in(w, shared, k.o) tensorize(mma_sync_m16n8k16, A=x, B=w) "
                      "cache_out(y, shared, n.o)"},
        {"mma_epilogue",
         "b: f32[72]\nx: f16[100,80]\nw: f16[72,80]\nt: f32[100,72]\ny: f16[100,72]\nt[m,n] = b[n]\n"
         "t[m,n] += x[m,k] * w[n,k]\ny[m,n] = max(t[m,n], 0.0)",
         "t.1: " + warp_tiles +
             "cache_in(x, shared, k.o) cache_in(w, shared, k.o) tensorize(mma_sync_m16n8k16, A=x, B=w); "
             "y: fuse_epilogue()"},
        {"mma_stream_k",
         "x: f16[400,64]\nw: f16[400,48]\nb: f16[64]\ny: f16[64,48]\ny[m,n] = b[m]\ny[m,n] += x[k,m] * w[k,n]",
         "tile({m, n}, {32, 48}) split(k, 32) reorder(m.o, n.o, k.o, m.i, n.i, k.i) work(stream_k, {m.o, n.o, k.o}) "
         "accumulate_in(registers, n.o) cache_in(x, shared, k.o, loop_coordinates) "
         "cache_in(w, shared, k.o, loop_coordinates) tensorize(mma_sync_m16n8k16, A=x, B=w, warps={2, 1})"},
        {"mma_pixels", convolution,
         pixel_tiles + "work(grid, {m.o, k.o}, swizzle=2) accumulate_in(registers, k.o) "
                       "cache_in(x, shared, kk, loop_coordinates, atom=cp_async, swizzle=128) "
                       "cache_in(w, shared, kk, loop_coordinates, atom=cp_async, swizzle=128) pipeline(kk, 3) "
                       "tensorize(mma_sync_m16n8k16, A=x, B=w)"},
        // Few channels: a window's columns and channels are one loop, and elements of 16 bits that have no rows are
        // gathered, of an operand along the sum or across it; classes of a gradient are columns of one product.
        {"mma_few_channels",
         "x: bf16[2,18,34,3]\nw: bf16[32,5,5,3]\ny: bf16[2,9,17,32]\n"
         "y[n,p,q,k] += zero(x)[n,2*p+r-2,2*q+s-2,c] * w[k,r,s,c]",
         "fuse({s, c}, sc) extend(sc, 0, 1) split(p, 4) split(q, 16) reorder(n, p.o, q.o, r, p.i, q.i, k, sc) "
         "fuse({n, p.o, q.o}, m) split(m, 5) bind(m.o, block_x) accumulate_in(registers, m.i) "
         "cache_in(w, shared, m.o, loop_coordinates, atom=cp_async, swizzle=32) "
         "cache_in(x, shared, m.i, footprint, atom=ld_st) pipeline(m.i, 2) "
         "tensorize(mma_sync_m16n8k16, A=x, B=w, warps={4, 1}) cache_out(y, shared, m.i, swizzle=64)"},
        {"mma_lines_of_few_channels",  // from and to multiples of 16 bytes
         "x: bf16[2,18,40,3]\nw: bf16[32,5,5,3]\ny: bf16[2,9,20,32]\n"
         "y[n,p,q,k] += zero(x)[n,2*p+r-2,2*q+s-2,c] * w[k,r,s,c]",
         "fuse({s, c}, sc) extend(sc, 0, 1) split(p, 4) split(q, 16) reorder(n, p.o, q.o, r, p.i, q.i, k, sc) "
         "fuse({n, p.o, q.o}, m) split(m, 5) bind(m.o, block_x) accumulate_in(registers, m.i) "
         "cache_in(w, shared, m.o, loop_coordinates, atom=cp_async, swizzle=32) "
         "cache_in(x, shared, m.i, footprint, atom=cp_async) pipeline(m.i, 2) "
         "tensorize(mma_sync_m16n8k16, A=x, B=w, warps={4, 1}) cache_out(y, shared, m.i, swizzle=64)"},
        {"mma_weights_of_few_channels",
         "dy: bf16[2,9,17,32]\nx: bf16[2,18,34,3]\nr < 5\ns < 5\ndw: bf16[32,5,5,3]\n"
         "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,2*p+r-2,2*q+s-2,c]",
         "fuse({s, c}, sc) extend(sc, 0, 1) split(p, 2) split(q, 16) split(k, 32) "
         "reorder(k.o, n, p.o, q.o, k.i, r, sc, p.i, q.i) fuse({n, p.o, q.o}, step) work(stream_k, {k.o, step}) "
         "accumulate_in(registers, k.o) cache_in(dy, shared, step, footprint, atom=cp_async, swizzle=64) "
         "cache_in(x, shared, step, footprint, atom=ld_st) pipeline(step, 2) "
         "tensorize(mma_sync_m16n8k16, A=dy, B=x, warps={2, 5})"},
        {"mma_classes_as_columns",
         "dy: bf16[1,9,17,16]\nw: bf16[16,7,7,3]\na < 4\nb < 4\ndx: bf16[1,18,34,3]\n"
         "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a+1,(j+1)/2-b+1,k] * zero(w)[k,2*a+(i+1)%2,2*b+(j+1)%2,c]",
         "extend(i, 1, 1) extend(j, 1, 1) extend(c, 0, 1) split(i, 2) split(j, 2) split(i.o, 4) split(j.o, 8) "
         "reorder(n, i.o.o, j.o.o, a, b, i.o.i, j.o.i, i.i, j.i, c, k) fuse({n, i.o.o, j.o.o}, m) split(m, 4) "
         "bind(m.o, block_x) accumulate_in(registers, m.i) "
         "cache_in(w, shared, m.o, loop_coordinates, atom=cp_async, swizzle=32) "
         "cache_in(dy, shared, m.i, footprint, atom=cp_async, swizzle=32) pipeline(m.i, 2) "
         "tensorize(mma_sync_m16n8k16, A=dy, B=w, warps={2, 1})"},
        {"mma_pairs_of_two_channels",
         "x: f16[2,70,2]\nw: f16[16,8,2]\ny: f32[2,63,16]\ny[n,q,k] += x[n,q+s,c] * w[k,s,c]",
         "fuse({s, c}, sc) split(q, 32) reorder(n, q.o, q.i, k, sc) fuse({n, q.o}, m) bind(m, block_x) "
         "accumulate_in(registers, m) cache_in(x, shared, m, footprint) "
         "cache_in(w, shared, m, loop_coordinates) tensorize(mma_sync_m16n8k16, A=x, B=w, warps={2, 1})"},
        {"mma_rows_that_shift", "x: f16[2,16,66]\nw: f16[32,3,16]\ny: f32[2,64,32]\ny[n,q,k] += x[n,c,q+s] * w[k,s,c]",
         "split(q, 32) reorder(n, q.o, s, q.i, k, c) bind(n, block_y) bind(q.o, block_x) accumulate_in(registers, q.o) "
         "cache_in(x, shared, q.o, footprint) cache_in(w, shared, s) tensorize(mma_sync_m16n8k16, A=x, B=w)"},
    };
    return texts;
}

const std::vector<ScheduledText>& warpgroup_schedules() {
    static const std::vector<ScheduledText> texts = {
        {"wgmma_cp_async", convolution,
         pixel_tiles + "work(persistent, {m.o, k.o}) accumulate_in(registers, k.o) "
                       "cache_in(x, shared, kk, loop_coordinates, atom=cp_async, swizzle=128) "
                       "cache_in(w, shared, kk, loop_coordinates, atom=cp_async, swizzle=128) pipeline(kk, 3) "
                       "tensorize(wgmma_m64n64k16, A=x, B=w)"},
        {"wgmma_boxes", convolution,
         pixel_tiles + "work(grid, {m.o, k.o}) accumulate_in(registers, k.o) "
                       "cache_in(x, shared, kk, loop_coordinates, atom=tma_im2col, swizzle=128) "
                       "cache_in(w, shared, kk, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(kk, 3) "
                       "tensorize(wgmma_m64n64k16, A=x, B=w)"},
        {"wgmma_roles", convolution,
         pixel_tiles + "work(persistent, {m.o, k.o}) accumulate_in(registers, k.o) "
                       "cache_in(x, shared, kk, loop_coordinates, atom=tma_im2col, swizzle=128) "
                       "cache_in(w, shared, kk, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(kk, 3) "
                       "specialize_warps(producer=1, consumer=2x128) tensorize(wgmma_m64n64k16, A=x, B=w)"},
        {"wgmma_store_boxes",
         "x: bf16[2,9,10,64]\nw: bf16[64,3,3,64]\ny: bf16[2,9,10,64]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
         pixel_tiles + "work(persistent, {m.o, k.o}) accumulate_in(registers, k.o) "
                       "cache_in(x, shared, kk, loop_coordinates, atom=tma_im2col, swizzle=128) "
                       "cache_in(w, shared, kk, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(kk, 4) "
                       "specialize_warps(producer=1, consumer=2x128) tensorize(wgmma_m64n64k16, A=x, B=w) "
                       "cache_out(y, shared, k.o, atom=tma_store, swizzle=128)"},
        {"wgmma_store_boxes_again",  // several tiles a block, so that the tile of the result is filled again
         "x: bf16[9024,64]\nw: bf16[64,64]\ny: bf16[9024,64]\ny[m,n] += x[m,k] * w[n,k]",
         "split(m, 64) reorder(m.o, m.i, n, k) split(k, 64) reorder(m.o, k.o, m.i, n, k.i) work(persistent, {m.o}) "
         "accumulate_in(registers, m.o) cache_in(x, shared, k.o, loop_coordinates, atom=tma_tile, swizzle=128) "
         "cache_in(w, shared, k.o, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(k.o, 2) "
         "tensorize(wgmma_m64n64k16, A=x, B=w) cache_out(y, shared, m.o, atom=tma_store, swizzle=128)"},
        {"wgmma_halo",
         "x: bf16[2,14,16,64]\nw: bf16[64,3,3,64]\ny: bf16[2,14,16,64]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
         "tile({p, q}, {14, 8}) reorder(n, p.o, q.o) fuse({n, p.o, q.o}, m) tile({k, c}, {64, 64}) "
         "reorder(m, k.o, c.o, r, s, k.i, p.i, q.i, c.i) work(grid, {m, k.o}) accumulate_in(registers, k.o) "
         "cache_in(x, shared, c.o, footprint, atom=tma_tile, swizzle=128) "
         "cache_in(w, shared, c.o, footprint, atom=tma_tile, swizzle=128) tensorize(wgmma_m64n112k16, A=w, B=x) "
         "cache_out(y, shared, k.o, atom=tma_store, swizzle=128)"},
        {"wgmma_weight_gradient",
         "dy: bf16[2,9,10,128]\nx: bf16[2,9,10,64]\nr < 3\ns < 3\ndw: f32[128,3,3,64]\n"
         "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
         "fuse({n, p, q}, pixel) tile({k, c, pixel}, {128, 64, 64}) reorder(k.o, r, s, c.o, pixel.o, k.i, c.i, "
         "pixel.i) "
         "work(persistent, {k.o, r, s, c.o}) accumulate_in(registers, c.o) "
         "cache_in(dy, shared, pixel.o, loop_coordinates, atom=tma_tile, swizzle=128) "
         "cache_in(x, shared, pixel.o, loop_coordinates, atom=tma_im2col, swizzle=128) pipeline(pixel.o, 3) "
         "specialize_warps(producer=1, consumer=2x128) tensorize(wgmma_m64n64k16, A=dy, B=x)"},
        // The taps of a window multiply shifted views of one patch: 3 x 3 of them, a warpgroup for each column.
        {"wgmma_taps_of_a_patch",
         "dy: bf16[3,9,10,72]\nx: bf16[3,9,10,80]\nr < 3\ns < 3\ndw: f32[72,3,3,80]\n"
         "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
         "reorder(k, s, r, c, n, p, q) tile({p, q}, {4, 8}) fuse({n, p.o, q.o}, step) split(k, 64) split(c, 64) "
         "reorder(k.o, c.o, step, k.i, s, r, c.i, p.i, q.i) work(stream_k, {k.o, c.o, step}) "
         "accumulate_in(registers, c.o) cache_in(dy, shared, step, footprint, atom=tma_tile, swizzle=128) "
         "cache_in(x, shared, step, footprint, atom=tma_tile, swizzle=128) pipeline(step, 3) "
         "specialize_warps(producer=1, consumer=3x128) tensorize(wgmma_m64n192k16, A=dy, B=x, warps={1, 3})"},
        {"wgmma_taps_of_a_patch_apart",
         "dy: f16[2,8,9,64]\nx: f16[2,10,13,64]\nr < 2\ns < 2\ndw: f16[64,2,2,64]\n"
         "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+2*r,q+3*s+1,c]",
         "reorder(k, s, r, c, n, p, q) tile({p, q}, {6, 8}) fuse({n, p.o, q.o}, step) split(k, 64) split(c, 64) "
         "reorder(k.o, c.o, step, k.i, s, r, c.i, p.i, q.i) work(stream_k, {k.o, c.o, step}) "
         "accumulate_in(registers, c.o) cache_in(dy, shared, step, footprint, atom=tma_tile, swizzle=128) "
         "cache_in(x, shared, step, footprint, atom=tma_tile, swizzle=128) pipeline(step, 3) "
         "specialize_warps(producer=1, consumer=2x128) tensorize(wgmma_m64n128k16, A=dy, B=x, warps={1, 2})"},
        {"wgmma_stream_k",
         "dy: bf16[3,9,10,128]\nx: bf16[3,9,10,64]\nr < 3\ns < 3\ndw: f32[128,3,3,64]\n"
         "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
         "fuse({n, p, q}, pixel) tile({k, c, pixel}, {128, 64, 16}) reorder(k.o, r, s, c.o, pixel.o, k.i, c.i, "
         "pixel.i) "
         "work(stream_k, {k.o, r, s, c.o, pixel.o}) accumulate_in(registers, c.o) "
         "cache_in(dy, shared, pixel.o, loop_coordinates, atom=tma_tile, swizzle=128) "
         "cache_in(x, shared, pixel.o, loop_coordinates, atom=tma_im2col, swizzle=128) pipeline(pixel.o, 3) "
         "specialize_warps(producer=1, consumer=2x128) tensorize(wgmma_m64n64k16, A=dy, B=x)"},
        {"wgmma_strided_input_gradient",
         "dy: bf16[4,6,7,64]\nw: bf16[64,3,3,64]\na < 2\nb < 2\ndx: bf16[4,12,14,64]\n"
         "dx[n,i,j,c] += zero(dy)[n,(i+1)/2-a,(j+1)/2-b,k] * zero(w)[k,(i+1)%2+2*a,(j+1)%2+2*b,c]",
         "tile({i, j}, {2, 2}) reorder(i.i, j.i, n, i.o, j.o) fuse({i.i, j.i}, class) fuse({n, i.o, j.o}, m) split(k, "
         "64) "
         "tile({m, c}, {128, 64}) reorder(class, m.o, c.o, a, b, k.o, m.i, c.i, k.i) clip(a) clip(b) "
         "work(persistent, {class, m.o, c.o}, classes=4) accumulate_in(registers, c.o) "
         "cache_in(dy, shared, k.o, loop_coordinates, atom=tma_im2col, swizzle=128) "
         "cache_in(w, shared, k.o, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(k.o, 4) "
         "specialize_warps(producer=1, consumer=2x128) tensorize(wgmma_m64n64k16, A=dy, B=w)"},
        {"wgmma_tf32",
         "x: f32[2,9,10,64]\nw: f32[64,3,3,64]\ny: f32[2,9,10,64]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
         "split(c, 32) reorder(r, s, c.o, c.i) fuse({r, s, c.o}, kk) fuse({n, p, q}, m) tile({m, k}, {128, 64}) "
         "reorder(m.o, k.o, kk, m.i, k.i, c.i) work(persistent, {m.o, k.o}) accumulate_in(registers, k.o) "
         "cache_in(x, shared, kk, loop_coordinates, atom=tma_im2col, swizzle=128) "
         "cache_in(w, shared, kk, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(kk, 4) "
         "specialize_warps(producer=1, consumer=2x128) precision(tf32) tensorize(wgmma_m64n64k8, A=x, B=w)"},
        {"wgmma_tf32_in_pieces",
         "x: f32[2,9,10,64]\nw: f32[64,3,3,64]\ny: f32[2,9,10,64]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
         "split(c, 32) reorder(r, s, c.o, c.i) fuse({r, s, c.o}, kk) fuse({n, p, q}, m) tile({m, k}, {128, 64}) "
         "reorder(m.o, k.o, kk, m.i, k.i, c.i) work(persistent, {m.o, k.o}) accumulate_in(registers, k.o) "
         "cache_in(x, shared, kk, loop_coordinates, atom=tma_im2col, swizzle=128) "
         "cache_in(w, shared, kk, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(kk, 4) "
         "specialize_warps(producer=1, consumer=2x128) precision(f32, pieces=2, promote=4) "
         "tensorize(wgmma_m64n64k8, A=x, B=w)"},
    };
    return texts;
}

}  // namespace heddle::test
