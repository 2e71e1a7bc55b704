// tests/support/cuda_cluster_schedules.cpp -- definitions whose rows go over clusters of blocks, and whose tiles are
// spans copied in bulk.
#include "tests/support/cuda_schedules.h"

namespace heddle::test {
namespace {

const std::string softmax =
    "x: f32[3,700]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]";
const std::string part_of_row = "split(c, 175) bind(c.o, cluster) split(c.i, 64) bind(c.i.i, thread_x) ";
// Rows of halves that vectors do not divide: three stages go over the packed tile.
std::string packed_softmax(const std::string& type) {
    return "x: " + type + "[3,4999]\nm: f32[3]\ns: f32[3]\ny: " + type +
           "[3,4999]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]";
}
const std::string packed_part =
    "align(c, x, 8) split(c, 8) split(c.o, 32) split(c.o.o, 3) bind(c.o.i, thread_x) bind(c.o.o.i, cluster) "
    "unroll(c.o.o.o) ";
const std::string packed_stages =
    "y: bind(n, block_x) " + packed_part +
    "vectorize(c.i) cache_in(x, registers, n, loop_coordinates) occupancy(8); s: compute_at(y, n) " + packed_part +
    "unroll(c.i) reduce_across(cluster); m: compute_at(y, n) " + packed_part + "unroll(c.i) reduce_across(cluster)";
const std::string average = "x: f32[2,8,7,7]\ny: f32[2,8,7,7]\ny[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] | r<3 s<3";

}  // namespace

const std::vector<ScheduledText>& cluster_schedules() {
    static const std::vector<ScheduledText> texts = {
        {"cluster", "x: f32[5,1000]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 250) bind(c.o, cluster) split(c.i, 64) bind(c.i.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_of_odd_blocks", "x: bf16[4,300]\ny: bf16[4]\ny[n] max= x[n,c]",
         "bind(n, block_y) split(c, 96) split(c.o, 3) bind(c.o.i, cluster) bind(c.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_wider_than_a_block", "x: f32[3,200]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 25) bind(c.o, cluster) split(c.i, 4) bind(c.i.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_of_threads_alone", "x: f32[70,40]\ny[n] min= x[n,c]",
         "split(n, 32) bind(n.o, block_x) bind(n.i, thread_x) split(c, 10) bind(c.o, cluster) reduce_across(cluster)"},
        {"cluster_rows_in_a_block", "x: f32[9,64]\ny[n] += x[n,c]",
         "split(n, 4) bind(n.o, block_x) bind(n.i, thread_y) split(c, 32) bind(c.o, cluster) bind(c.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_in_a_loop", "x: f32[10,400]\ny[n] += x[n,c]",
         "split(n, 3) bind(n.o, block_x) split(c, 100) bind(c.o, cluster) split(c.i, 32) bind(c.i.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_several_outputs", "x: f32[4,64,30]\ny[n,k] += x[n,c,k]",
         "split(k, 3) split(c, 16) reorder(n, k.o, c.o, c.i, k.i) unroll(k.i) bind(n, block_x) bind(k.o, block_y) "
         "bind(c.o, cluster) bind(c.i, thread_x) reduce_across(cluster)"},
        {"cluster_argmax", "x: f32[6,1000]\ny: i64[6]\ny[n] argmax= x[n,c]",
         "bind(n, block_x) split(c, 500) bind(c.o, cluster) split(c.i, 64) bind(c.i.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_tuple",
         "x: f32[4,96]\nm: f32[4]\ni: i64[4]\n"
         "(m[n], i[n]) reduce first {(-inf, -1); (a0, a1), (b0, b1) -> (max(a0, b0), select(a0 < b0, b1, a1))} "
         "(x[n,c], c)",
         "bind(n, block_x) split(c, 16) bind(c.o, cluster) split(c.i, 4) bind(c.i.o, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_total", "x: f32[100,70]\ny[] += x[i,j]",
         "fuse({i, j}, m) split(m, 1750) bind(m.o, cluster) split(m.i, 128) bind(m.i.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_dynamic", "N in [1,4096]\nx: f32[N,3*N+2]\ny: f32[N]\ny[n] += x[n,c]",
         "bind(n, block_x) split(c, 32) split(c.o, 2) bind(c.o.i, cluster) bind(c.i, thread_x) "
         "reduce_across(cluster)"},
        {"cluster_softmax", softmax,
         "y: bind(n, block_x) " + part_of_row + "; s: compute_at(y, n) " + part_of_row +
             "reduce_across(cluster); m: compute_at(y, n) " + part_of_row + "reduce_across(cluster)",
         2e-6},
        {"cluster_packed_f16", packed_softmax("f16"), packed_stages, 2e-3},
        {"cluster_packed_bf16", packed_softmax("bf16"), packed_stages, 1e-2},
    };
    return texts;
}

const std::vector<ScheduledText>& span_schedules() {
    static const std::vector<ScheduledText> texts = {
        {"planes", average,
         "split(c, 4) bind(n, block_y) bind(c.o, block_x) bind(c.i, thread_z) bind(p, thread_y) bind(q, thread_x) "
         "cache_in(x, shared, c.o, flat_span) cache_out(y, shared, atom=bulk)"},
        {"planes_through_registers", average,
         "split(c, 4) split(q, 7) reorder(n, c.o, c.i, p, q.o, r, s, q.i) bind(n, block_y) bind(c.o, block_x) "
         "bind(c.i, thread_y) bind(p, thread_x) cache_in(x, shared, c.o, flat_span) cache_in(x, registers, q.o) "
         "cache_out(y, shared, atom=bulk) unroll(r) unroll(s) unroll(q.i)"},
        {"planes_in_turn", average,
         "split(c, 4) bind(n, block_x) bind(c.i, thread_z) bind(p, thread_y) bind(q, thread_x) "
         "cache_in(x, shared, c.o, flat_span) cache_out(y, shared, atom=bulk)"},
        {"planes_f16", "x: f16[3,8,6,5]\ny: f16[3,8,3,5]\ny[n,c,p,q] max= skip(x)[n,c,2*p+r-1,q+s-1] | r<3 s<3",
         "split(c, 8) bind(n, block_y) bind(c.o, block_x) bind(c.i, thread_z) bind(p, thread_y) bind(q, thread_x) "
         "cache_in(x, shared, c.o, flat_span) cache_out(y, shared, atom=bulk)"},
        {"planes_by_threads", "x: f32[2,6,7,7]\ny: f32[2,6,7,7]\ny[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] | r<3 s<3",
         "split(c, 4) bind(n, block_y) bind(c.o, block_x) bind(c.i, thread_z) bind(p, thread_y) bind(q, thread_x) "
         "cache_in(x, shared, c.o, flat_span, atom=cp_async)"},
        {"rows_ahead", "x: f32[64,32]\ny[k] += x[n,k]",
         "bind(k, thread_x) split(n, 8) cache_in(x, shared, n.o, flat_span) pipeline(n.o, 3)"},
        {"whole_weights", "x: f32[50,16]\nw: f32[8,16]\ny[n,k] += x[n,c] * w[k,c]",
         "bind(n, block_x) bind(k, thread_x) cache_in(w, shared, n, flat_span)"},
    };
    return texts;
}

}  // namespace heddle::test
