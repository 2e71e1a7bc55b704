// tests/support/cuda_schedules.cpp -- definitions with schedules for CUDA devices.
#include "tests/support/cuda_schedules.h"

namespace heddle::test {

const std::vector<ScheduledText>& reduction_schedules() {
    static const std::vector<ScheduledText> texts = {
        {"half_warp", "x: f32[7,50]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 16) bind(c.i, thread_x) reduce_across(warps)"},
        {"rows_in_a_warp", "x: f32[13,50]\ny[n] max= x[n,c]",
         "split(n, 8) bind(n.o, block_x) bind(n.i, thread_y) split(c, 8) bind(c.i, thread_x) reduce_across(warps)"},
        {"block", "x: f32[5,1000]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 256) bind(c.i, thread_x) reduce_across(threads)"},
        {"blocks_of_rows", "x: bf16[9,300]\ny: f16[9]\ny[n] += x[n,c]",
         "split(n, 4) bind(n.o, block_x) bind(n.i, thread_y) split(c, 64) bind(c.i, thread_x) reduce_across(threads)"},
        {"odd_threads", "x: f32[5,1000]\ny[n] *= x[n,c]",
         "bind(n, block_x) split(c, 96) bind(c.i, thread_x) reduce_across(threads)"},
        {"columns", "x: f32[100,70]\ny[k] += x[n,k]",
         "reorder(k, n) split(k, 32) bind(k.o, block_x) bind(k.i, thread_x) split(n, 8) bind(n.i, thread_y) "
         "reduce_across(threads)"},
        {"both_axes", "x: f32[4,30,40]\ny[k] min= x[k,i,j]",
         "bind(k, block_x) bind(j, thread_x) split(i, 4) bind(i.i, thread_y) reduce_across(threads)"},
        {"many_outputs", "x: f32[1000,13]\ny[k] += x[n,k]",  // more shared memory than a kernel may declare
         "reorder(n, k) unroll(k) bind(n, thread_x) reduce_across(threads)"},
        {"several_outputs", "x: f32[10,64,30]\ny[n,k] += x[n,c,k]",
         "split(k, 3) reorder(n, k.o, c, k.i) unroll(k.i) bind(n, block_x) bind(k.o, block_y) split(c, 64) "
         "bind(c.i, thread_x) reduce_across(threads)"},
        {"rows_inside", "x: f32[10,300]\ny[n] += x[n,c]",
         "split(n, 4) bind(n.o, block_x) split(c, 32) reorder(n.o, c.o, c.i, n.i) bind(n.i, thread_y) "
         "bind(c.i, thread_x) accumulate_in(registers, n.o) reduce_across(warps)"},
        {"lanes", "x: f32[6,1030]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 4) split(c.o, 64) bind(c.o.i, thread_x) vectorize(c.i) reduce_across(threads)"},
        {"aligned_rows", "x: f32[9,101]\ny[n,c] = x[n,c] * 2.0",
         "align(c, x, 4) split(c, 4) bind(n, block_x) bind(c.o, thread_x) vectorize(c.i)"},
        {"aligned_rows_of_halves", "x: f16[9,103]\ny: f16[9,103]\ny[n,c] = x[n,c] * 2.0",
         "align(c, x, 8) split(c, 8) bind(n, block_x) bind(c.o, thread_x) vectorize(c.i)"},
        {"aligned_parts", "x: f32[3,5,30]\ny[n,k] += x[n,k,c+1] | c<29",
         "fuse({n, k}, m) bind(m, block_x) align(c, x, 4) split(c, 4) bind(c.o, thread_x) unroll(c.i) "
         "reduce_across(threads)"},
        {"aligned_dynamic_rows", "N in [1,64]\nx: f32[N,77]\ny[n,c] = x[n,c] + 1.0",
         "align(c, y, 4) split(c, 4) bind(n, block_x) bind(c.o, thread_x) vectorize(c.i)"},
        {"argmax", "x: f32[6,1000]\ny: i64[6]\ny[n] argmax= x[n,c]",
         "bind(n, block_x) split(c, 128) bind(c.i, thread_x) reduce_across(threads)"},
        {"tuple",
         "x: f32[4,100]\nm: f32[4]\ni: i64[4]\n"
         "(m[n], i[n]) reduce first {(-inf, -1); (a0, a1), (b0, b1) -> (max(a0, b0), select(a0 < b0, b1, a1))} "
         "(x[n,c], c)",
         "bind(n, block_x) split(c, 4) bind(c.o, thread_x) reduce_across(threads)"},
        {"starts_from_memory",
         "b: f32[5]\nx: f32[5,200]\ny: f32[5]\nz: f32[5]\ny[n] = b[n]\ny[n] += x[n,c]\n"
         "z[n] = max(y[n], 0.0)",
         "y.1: bind(n, block_x) split(c, 32) bind(c.i, thread_x) reduce_across(warps); z: fuse_epilogue()"},
        {"goes_on_from_memory", "a: f32[5,90]\nb: f32[5,20]\ny: f32[5]\ny[n] += a[n,c]\ny[n] += b[n,d]",
         "y.1: split(n, 2) bind(n.o, block_x) bind(n.i, thread_y) split(d, 16) bind(d.i, thread_x) "
         "reduce_across(warps)"},
        {"total", "x: f32[100,70]\ny[] += x[i,j]",
         "fuse({i, j}, m) split(m, 512) bind(m.i, thread_x) reduce_across(threads)"},
        {"dynamic", "N in [1,4096]\nx: f32[N,3*N+2]\ny: f32[N]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 128) bind(c.i, thread_x) reduce_across(threads)"},
        {"empty_sum", "x: f32[3,0]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 32) bind(c.i, thread_x) reduce_across(warps)"},
        {"parts", "x: f32[5,1000]\ny[n] += x[n,c]", "bind(n, thread_x) split(c, 10) split_reduction(7)"},
        {"parts_of_threads", "x: bf16[5,1000]\ny: f16[5]\ny[n] max= x[n,c]",
         "bind(n, block_x) split(c, 32) bind(c.i, thread_x) split_reduction(5) reduce_across(warps)"},
        {"parts_of_a_total", "x: f32[77,100]\ny[] += x[i,j]",
         "split(j, 32) bind(j.i, thread_x) reduce_across(warps) split_reduction(40)"},
        {"a_block_an_iteration", "x: f32[30,400]\ny[k] += x[n,k]",
         "split(n, 7) reorder(k, n.o, n.i) split(k, 64) bind(k.o, block_x) bind(k.i, thread_x) reduce_across(blocks)"},
        {"parts_of_a_tuple",
         "x: f32[4,100]\ni: i64[4]\nm: f32[4]\n"
         "(m[n], i[n]) reduce first {(-inf, -1); (a0, a1), (b0, b1) -> (max(a0, b0), select(a0 < b0, b1, a1))} "
         "(x[n,c], c)",
         "bind(n, thread_x) split_reduction(9)"},
        {"parts_then_activation",
         "b: f32[5]\nx: f32[5,200]\ny: f32[5]\nz: f32[5]\ny[n] = b[n]\ny[n] += x[n,c]\nz[n] = max(y[n], 0.0)",
         "y.1: bind(n, block_x) split_reduction(8); z: fuse_epilogue()"},
        {"parts_of_a_dynamic_row", "N in [1,4096]\nx: f32[N,3*N+2]\ny: f32[N]\ny[n] += x[n,c]",
         "bind(n, block_x) split_reduction(4)"},
        {"partitioned_blocks", "x: f32[3,16]\ny[i,j] = zero(x)[i,j-1] + 2.0 * x[i,j] + zero(x)[i,j+1]",
         "bind(j, block_y) partition(j) bind(i, thread_x)"},
        {"partitioned_inside", "x: f32[3,16]\ny[i,j] += zero(x)[i,j+s-1] | j<16 s<3",
         "reorder(s, i, j) bind(j, block_y) partition(j) bind(i, thread_x)"},
        {"softmax_in_a_kernel",
         "x: f32[9,100]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]",
         "y: bind(n, block_x) split(c, 32) bind(c.i, thread_x); s: compute_at(y, n) split(c, 32) bind(c.i, thread_x) "
         "reduce_across(warps); m: compute_at(y, n) split(c, 32) bind(c.i, thread_x) reduce_across(warps)",
         2e-6},
    };
    return texts;
}

}  // namespace heddle::test
