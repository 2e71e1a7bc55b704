// tests/support/default_schedule_sizes.cpp -- stencils and reductions of many sizes.
#include <fmt/format.h>

#include "tests/support/cuda_schedules.h"

namespace heddle::test {
namespace {

std::vector<ScheduledText> made() {
    std::vector<ScheduledText> texts;
    const auto add = [&](std::string name, std::string text, double tolerance = 0) {
        texts.push_back({std::move(name), std::move(text), "", tolerance});
    };
    // Rows of a thread, a warp, a block, longer than its registers; with vectors of 1, 2, 4; none at all.
    for (const int length : {1, 2, 3, 7, 32, 50, 100, 1000, 1001, 4100, 33000})
        add(fmt::format("softmax_{}", length),
            fmt::format("x: f32[3,{}]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\n"
                        "y[n,c] = exp(x[n,c] - m[n]) / s[n]",
                        length),
            2e-5);
    // A result of each row beside its elements: a loss and its gradient.
    for (const int length : {3, 50, 1000, 20001})
        add(fmt::format("cross_entropy_{}", length),
            fmt::format("x: f32[3,{0}]\nt: i32[3]\nloss: f32[3]\ndx: f32[3,{0}]\nm[n] max= x[n,c]\n"
                        "s[n] += exp(x[n,c] - m[n])\nloss[n] = m[n] + log(s[n]) - x[n,index_clamped(t[n],{0})]\n"
                        "dx[n,c] = exp(x[n,c] - m[n]) / s[n] - select(c == t[n], 1.0f32, 0.0f32)\noutput loss, dx",
                        length),
            2e-5);
    for (const char* type : {"f32", "f16", "bf16", "f64", "i8"})
        add(fmt::format("rows_{}", type), fmt::format("x: {}[5,4,72]\ny[n] += x[n,a,c]", type));
    add("no_rows", "x: f32[0,72]\ny[n] += x[n,c]");
    add("rows_of_nothing", "x: f32[5,0]\ny[n] += x[n,c]");
    add("log_softmax",
        "x: f16[40,24]\ny: f16[40,24]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\n"
        "y[n,c] = x[n,c] - m[n] - log(s[n])",
        2e-3);
    add("variance", "x: f32[6,200]\na[n] += x[n,c] * 0.005\nv[n] += (x[n,c] - a[n]) * (x[n,c] - a[n])", 1e-5);
    add("softmax_over_columns",
        "x: f32[3,20,12]\nm[n,c] max= x[n,r,c]\ns[n,c] += exp(x[n,r,c] - m[n,c])\n"
        "y[n,r,c] = exp(x[n,r,c] - m[n,c]) / s[n,c]",
        2e-6);
    add("argmax_rows", "x: f32[7,3,90]\ny: i64[7]\ny[n] argmax= x[n,a,c]");
    add("dynamic_rows", "N in [1,4096]\nx: f32[3,N]\nm[n] max= x[n,c]\ny[n,c] = x[n,c] - m[n]");
    add("dynamic_positions", "N in [1,64]\nx: f32[3,N,24]\nm[a,n] max= x[a,n,c]\ny[a,n,c] = x[a,n,c] - m[a,n]");
    add("dynamic_inside", "N in [1,64]\nx: f32[3,5,N]\ny[a] += x[a,b,c]");
    // Sums that are no rows.
    for (const int channels : {1, 3, 8, 36, 70, 200})
        add(fmt::format("channel_sums_{}", channels), fmt::format("x: f32[6,9,11,{}]\ny[c] += x[n,p,q,c]", channels));
    add("long_total", "x: f32[300,301]\ny[] += x[i,j]");
    add("largest", "x: bf16[40,40,40]\ny: f32[]\ny[] max= x[i,j,k]");
    for (const int channels : {6, 20})
        add(fmt::format("depthwise_weight_gradient_{}", channels),
            fmt::format("g: f32[2,9,8,{0}]\nx: f32[2,9,8,{0}]\nd[r,s,c] += g[n,p,q,c] * zero(x)[n,p+r-1,q+s-1,c] | r<3 "
                        "s<3",
                        channels));
    add("depthwise_weight_gradient_nchw",
        "g: f32[3,5,9,8]\nx: f32[3,5,9,8]\nd[c,r,s] += g[n,c,p,q] * zero(x)[n,c,p+r-1,q+s-1] | r<3 s<3");
    for (const char* type : {"f16", "f32"})
        for (const int width : {7, 13, 16}) {
            add(fmt::format("depthwise_weight_gradient_{}_{}", type, width),
                fmt::format("g: {0}[3,5,9,{1}]\nx: {0}[3,5,9,{1}]\n"
                            "d[c,r,s] += g[n,c,p,q] * zero(x)[n,c,p+r-1,q+s-1] | r<3 s<3",
                            type, width));
            add(fmt::format("depthwise_weight_gradient_lanes_{}_{}", type, width),
                fmt::format("g: {0}[2,5,{1},36]\nx: {0}[2,9,{2},36]\n"
                            "d[r,s,c] += g[n,p,q,c] * zero(x)[n,2*p+r-1,2*q+s-1,c] | r<3 s<3",
                            type, width, 2 * width - 1));
        }
    // Long odd rows: steps between their ends.
    for (const char* type : {"f16", "bf16"})
        add(fmt::format("long_{}_rows", type),
            fmt::format("x: {0}[3,9001]\ny: {0}[3,9001]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\n"
                        "y[n,c] = exp(x[n,c] - m[n]) / s[n]",
                        type),
            1e-2);
    add("quotients_of_sums", "x: f32[2,8,24]\ny[a,c] += x[a,b,c]\nz[a,c] = y[a,c] / 9.0");
    // Windows: sizes that vectors divide or do not, strides, boundaries, types.
    for (const int width : {1, 2, 5, 8, 12, 30, 33})
        for (const int stride : {1, 2})
            for (const char* read : {"zero(x)", "skip(x)"})
                add(fmt::format("pool_{}_{}_{}", width, stride, std::string(read).substr(0, 4)),
                    fmt::format("x: f32[2,3,9,{0}]\ny[n,c,p,q] {1} {2}[n,c,{3}*p+r-1,{3}*q+s-1] | p<{4} q<{5} r<3 s<3",
                                width, read[0] == 'z' ? "+=" : "max=", read, stride, (8 / stride) + 1,
                                (width - 1) / stride + 1));
    // Planes whose rows are no vectors.
    for (const char* type : {"f32", "f16"})
        for (const int width : {3, 7, 9}) {
            const std::string image = fmt::format("x: {0}[2,64,{1},{1}]\n", type, width);
            add(fmt::format("planes_{}_{}", width, type),
                image + fmt::format("w: {0}[64,3,3]\ny: {0}[2,64,{1},{1}]\n"
                                    "y[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[c,r,s]",
                                    type, width));
            add(fmt::format("planes_apart_{}_{}", width, type),
                image + fmt::format("y: {0}[2,64,{1},{1}]\ny[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3",
                                    type, (width - 1) / 2 + 1));
            add(fmt::format("planes_argmax_{}_{}", width, type),
                image + fmt::format("y: u8[2,64,{0},{0}]\ny[n,c,p,q] argmax= x[n,c,2*p+r,2*q+s] | r<2 s<2", width / 2));
            add(fmt::format("whole_planes_{}_{}", width, type),
                image +
                    fmt::format("y: {0}[2,64,1,1]\ny[n,c,p,q] += x[n,c,{1}*p+r,{1}*q+s] | r<{1} s<{1}", type, width));
            add(fmt::format("planes_gradient_{}_{}", width, type),
                fmt::format("o: u8[2,64,{2},{2}]\ndy: {0}[2,64,{2},{2}]\ndx: {0}[2,64,{1},{1}]\n"
                            "dx[n,c,h,v] += select(zero(o)[n,c,(h+1)/2-r,(v+1)/2-s] == ((h+1)%2+2*r)*3+(v+1)%2+2*s, "
                            "zero(dy)[n,c,(h+1)/2-r,(v+1)/2-s], 0.0f32) | r<2 s<2",
                            type, width, (width - 1) / 2 + 1));
        }
    for (const char* boundary : {"replicate", "reflect", "symmetric", "circular"})
        add(fmt::format("blur_{}", boundary),
            fmt::format("x: f16[3,10,16]\ny: f16[3,10,16]\ny[c,i,j] += {}(x)[c,i+r-1,j+s-1] * 0.125 | r<3 s<3",
                        boundary));
    for (const char* type : {"f16", "i8", "f64"})
        add(fmt::format("depthwise_nhwc_{}", type),
            fmt::format("x: {0}[2,7,9,24]\nw: {0}[3,3,24]\ny[n,p,q,c] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c] | p<7 q<9",
                        type));
    add("wide_window",
        "x: f32[2,3,12,16]\nw: f32[3,7,7]\ny[n,c,p,q] += zero(x)[n,c,p+r-3,q+s-3] * w[c,r,s] | p<12 q<16");
    add("dilated", "x: f32[2,3,12,16]\ny[n,c,p,q] += zero(x)[n,c,p+2*r-2,q+2*s-2] | p<12 q<16 r<3 s<3");
    add("argmax_windows", "x: bf16[2,8,10,12]\ny: u8[2,8,5,6]\ny[n,c,p,q] argmax= x[n,c,2*p+r,2*q+s] | r<2 s<2");
    add("shifted_copy", "x: f32[5,64]\ny: f32[5,64]\ny[i,j] = zero(x)[i,j-3] + x[i,j]");
    add("dynamic_window", "N in [1,4096]\nx: f32[2,N]\ny: f32[2,N]\ny[c,j] += zero(x)[c,j+s-1] | s<3");
    add("pad", "x: f32[2,6,8]\ny: f32[2,10,12]\ny[c,i,j] = constant(x, 1.5)[c,i-2,j-2]");
    return texts;
}

}  // namespace

const std::vector<ScheduledText>& default_schedule_sizes() {
    static const std::vector<ScheduledText> texts = made();
    return texts;
}

}  // namespace heddle::test
