// tests/support/scatter_schedules.cpp -- scatters for CUDA devices, atomic and with sorted points.
#include "tests/support/cuda_schedules.h"

namespace heddle::test {

const std::vector<ScheduledText>& scatter_schedules() {
    static const std::string transposed =
        "x: TYPE[2,3,5,6]; v: TYPE[3,4,4,4]; u: TYPE[2,4,10,12]\n"
        "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]";
    const auto with_type = [](std::string text, const std::string& type) {
        for (std::size_t at = text.find("TYPE"); at != std::string::npos; at = text.find("TYPE"))
            text.replace(at, 4, type);
        return text;
    };
    const std::string all = "atomic() fuse({n, k, p, r, q, s}, m) split(m, 64) bind(m.o, block_x) bind(m.i, thread_x)";
    static const std::vector<ScheduledText> texts = {
        {"atomic_f32", with_type(transposed, "f32"), all},
        {"atomic_f64", with_type(transposed, "f64"), all},
        {"atomic_i32", with_type(transposed, "i32"), all},
        {"atomic_i64", with_type(transposed, "i64"), all},
        {"atomic_f16", with_type(transposed, "f16"), all},
        {"atomic_reduced", with_type(transposed, "f32"),
         "atomic() reorder(c, n, k, p, r, q, s) bind(c, block_y) bind(n, block_x) bind(k, thread_y) bind(p, thread_x)"},
        {"atomic_max", "x: f32[5,300]; u: f32[7]\nu[p+r] max= x[p,c] | r<3",
         "atomic() split(c, 64) reorder(c.o, c.i, p, r) bind(c.o, block_x) bind(c.i, thread_x)"},
        {"atomic_min_i64", "x: i64[5,300]; u: i64[7]\nu[p+r] min= x[p,c] | r<3",
         "atomic() split(c, 64) reorder(c.o, c.i, p, r) bind(c.o, block_x) bind(c.i, thread_x)"},
        {"atomic_max_of_bytes", "x: i8[5,300]; u: i64[7]\nu[p+r] max= x[p,c] | r<3",
         "atomic() split(c, 64) reorder(c.o, c.i, p, r) bind(c.o, block_x) bind(c.i, thread_x)"},
        {"atomic_products", "x: f64[8]; u: f64[10]\nu[p+r] *= x[p] | r<3",
         "atomic() bind(p, thread_x) bind(r, block_x)"},
        {"atomic_parts", "x: f32[5,1000]; y: f32[5]\ny[n] += x[n,c]",
         "atomic() split(c, 8) bind(c.o, thread_x) bind(n, block_x)"},
        {"sorted", "g: f32[300,20]; t: i32[300]; u: f32[9,20]\nu[index_clamped(t[n]*5,9),c] += g[n,c]",
         "sort_points() bind(i, block_x) bind(c, thread_x)"},
        {"sorted_many", "g: f32[3000]; t: i32[3000]; u: f32[700]\nu[index_clamped((t[n]*37+n*n)%700,700)] += g[n]",
         "sort_points() split(i, 128) bind(i.o, block_x) bind(i.i, thread_x)"},
        {"sorted_f16", "g: f16[200,3]; t: i32[200]; u: f16[9,3]\nu[index_clamped((t[n]+n)%9,9),c] += g[n,c]",
         "sort_points() fuse({i, c}, m) bind(m, thread_x)"},
        {"sorted_start",
         "g: f32[200]; t: i32[200]; b: f32[9]; u: f32[9]\nu[i] = b[i]\nu[index_clamped((t[n]+n)%9,9)] += g[n]",
         "u.0: bind(i, thread_x); u.1: sort_points() bind(i, block_x)"},
        {"sorted_at_run_time",
         "N in [1, 4096]\ng: f32[N,5]; t: i32[N]; u: f32[N,5]\nu[index_clamped(t[n]+n/2,N),c] += g[n,c]",
         "sort_points() split(i, 64) bind(i.o, block_x) bind(i.i, thread_x)"},
        {"sorted_in_buckets",  // 62 chunks would count 20000 elements each
         "g: f32[4000]; t: i32[4000]; u: f32[20000]\nu[index_clamped((t[n]*37+n*n%5000*3)%20000,20000)] += g[n]",
         "sort_points() split(i, 128) bind(i.o, block_x) bind(i.i, thread_x)"},
        {"sorted_in_buckets_of_rows",
         "g: f32[70,60]; t: i32[70,60]; u: f32[70,400]\nu[n,index_clamped((t[n,m]*29+m*m)%399+1,400)] max= g[n,m]",
         "sort_points() fuse({i, j}, m) split(m, 128) bind(m.o, block_x) bind(m.i, thread_x)"},
        {"sorted_lanes", "g: f32[300]; t: i32[300]; u: f32[9]\nu[index_clamped((t[n]+n)%9,9)] += g[n]",
         "sort_points(32) split(i, 4) bind(i.o, block_x) bind(i.i, thread_y) bind(lane, thread_x) "
         "reduce_across(warps)"},
        {"sorted_blocks", "g: f32[300,3]; t: i32[300]; u: f32[9,3]\nu[index_clamped((t[n]+n)%9,9),c] += g[n,c]",
         "sort_points(64) bind(i, block_x) bind(c, block_y) bind(lane, thread_x) reduce_across(threads)"},
        {"few_elements_default", "g: f32[3000]; t: i32[3000]; u: f32[9]\nu[index_clamped((t[n]+n)%9,9)] += g[n]", ""},
        {"one_element_default", "g: f32[9000]; t: i32[9000]; u: f32[2]\nu[index_clamped((t[n]+n)%2,2)] max= g[n]", ""},
        {"sorted_default", "g: f32[500,33]; t: i32[500]; u: f32[50,33]\nu[index_clamped((t[n]+n*7)%50,50),c] += g[n,c]",
         ""},
    };
    return texts;
}

}  // namespace heddle::test
